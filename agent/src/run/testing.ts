import type { Standing } from '@aegis/client/config';
import { resolveSettings } from '@aegis/replica/settings';
import { NAMES } from '../testing/cluster.js';
import type { Recording, Scrape } from '../telemetry/index.js';

/** What a supervisor would say of the made-up cluster of `../testing/cluster.ts`. */
export function standingOf(more: Partial<Standing> = {}): Standing {
  const settings = resolveSettings('all');
  return {
    clusterId: '7c4f2a90b1d3e586',
    namespace: 'shop',
    cluster: 'orders',
    profile: 'all',
    path: 'orders.yaml',
    base: 'main',
    members: NAMES.map((name, at) => ({
      name,
      id: at + 1,
      metrics: `http://127.0.0.1:${4412 + 10 * at}/metrics`,
    })),
    settings,
    lastHealthy: settings,
    changes: [],
    ...more,
  };
}

/** The scrapes of a recording, one round after the other. */
export function roundsOf({ scrapes }: Recording): readonly (readonly Scrape[])[] {
  const rounds = new Map<number, Scrape[]>();
  for (const scrape of scrapes) rounds.set(scrape.atMs, [...(rounds.get(scrape.atMs) ?? []), scrape]);
  return [...rounds.values()];
}
