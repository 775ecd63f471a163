import { metricsPage, PagesServer, probePage } from '@aegis/replica/pages';
import type { AgentConfig } from './config.js';
import type { AgentMetrics } from './metrics.js';

/**
 * Serves the agent's page of metrics, `/livez` and `/readyz`. Undefined: none is asked for, or its port cannot be opened, which is said:
 * the agent watches without it, too.
 * @param unready why it is not ready; undefined: it is
 */
export async function serveMetrics(
  metrics: AgentMetrics,
  at: AgentConfig['metrics'],
  log: (line: string) => void,
  unready = (): string | undefined => (metrics.looked ? undefined : 'it has not looked at all replicas yet'),
): Promise<PagesServer | undefined> {
  if (at === undefined) return undefined;
  const server = new PagesServer({
    '/metrics': () => metricsPage(() => metrics.registry.metrics()),
    '/livez': () => probePage(undefined),
    '/readyz': () => probePage(unready()),
  });
  try {
    await server.start(at);
    return server;
  } catch (error) {
    log(`no page of metrics: ${at.host}:${at.port} cannot be opened: ${(error as Error).message}`);
    return undefined;
  }
}
