import { parseMetrics, type Sample, total } from '../../harness/metrics-page.js';
import type { Kubectl } from '../kubectl.js';

/** What a pod tells Prometheus, fetched through the API server. */
export async function scrape(
  kubectl: Kubectl,
  { namespace, pod, port }: { readonly namespace: string; readonly pod: string; readonly port: number },
): Promise<readonly Sample[]> {
  const path = `/api/v1/namespaces/${namespace}/pods/${pod}:${port}/proxy/metrics`;
  return parseMetrics(await kubectl.run('get', '--raw', path));
}

/** The sum of a metric over all of its labels; one that is not there counts as 0. */
export function valueOf(samples: readonly Sample[], name: string): number {
  return total(samples, name) ?? 0;
}
