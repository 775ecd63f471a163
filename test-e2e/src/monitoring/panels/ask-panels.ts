import { DASHBOARDS } from '@aegis/monitoring';

import type { PrometheusServer } from '../prometheus/server.js';

/** What Grafana would put in: all clusters, and a few scrapes. */
const RATE_INTERVAL = '15s';
const STEP_SECONDS = 2;

export interface AskedQuery {
  readonly dashboard: string;
  readonly panel: string;
  /** Of the panel's queries, as Grafana calls them. */
  readonly letter: string;
  readonly expr: string;
  readonly series: number;
  /** Why nothing is no failure; undefined: it is one. */
  readonly mayBeEmpty: string | undefined;
  /** Prometheus' own words when it refused the query. */
  readonly refused?: string;
}

/** A query as Grafana sends it. */
export function asSent(expr: string): string {
  return expr
    .replaceAll('$__rate_interval', RATE_INTERVAL)
    .replaceAll('$namespace', '.*')
    .replaceAll('$cluster', '.*');
}

/** Every query of every panel, over a time of the run. Times are seconds since 1970. */
export async function askPanels(
  server: Pick<PrometheusServer, 'queryRange'>,
  from: number,
  to: number,
): Promise<readonly AskedQuery[]> {
  const asked: AskedQuery[] = [];
  for (const { uid, panels } of DASHBOARDS)
    for (const panel of panels)
      for (const [at, { expr }] of panel.queries.entries()) {
        const mayBeEmpty = panel.emptyWhenWell;
        const letter = String.fromCodePoint(65 + at);
        const query = { dashboard: uid, panel: panel.title, letter, expr, mayBeEmpty };
        asked.push({ ...query, ...(await ask(server, expr, from, to)) });
      }
  return asked;
}

async function ask(
  server: Pick<PrometheusServer, 'queryRange'>,
  expr: string,
  from: number,
  to: number,
): Promise<Pick<AskedQuery, 'series' | 'refused'>> {
  try {
    const found = await server.queryRange(asSent(expr), from, to, STEP_SECONDS);
    return { series: found.filter(({ values }) => values.length > 0).length };
  } catch (error) {
    return { series: 0, refused: error instanceof Error ? error.message : String(error) };
  }
}

/** Whether a query did what it should. */
export function isRight({ series, mayBeEmpty, refused }: AskedQuery): boolean {
  return refused === undefined && (series > 0 || mayBeEmpty !== undefined);
}
