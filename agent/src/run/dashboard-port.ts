import { setTimeout as wait } from 'node:timers/promises';
import { Dashboard, type Views } from '../dashboard/index.js';

const AGAIN_MS = 5_000;

/** As the configurations of the agent have it. */
interface Place {
  readonly dashboard?: { readonly host: string; readonly port: number } | undefined;
  readonly dashboardHosts: readonly string[];
}

/**
 * Serves the dashboard until the signal, if one is asked for. A port that is in use is said once and tried again: the agent watches without
 * it, too, and an earlier life of it may be about to give the port up.
 */
export async function serveDashboard(
  { dashboard: at, dashboardHosts: hosts }: Place,
  views: Views,
  signal: AbortSignal,
  log: (line: string) => void,
): Promise<void> {
  if (at === undefined) return;
  const host = at.host.includes(':') ? `[${at.host}]` : at.host;
  const url = `http://${host}:${at.port}`;
  let said = false;
  while (!signal.aborted) {
    const problem = await served(url, at, () => new Dashboard(views, [...hosts, host]), signal, log);
    if (problem === undefined) return;
    if (!said)
      log(`no dashboard: ${url} cannot be opened: ${problem}; it is tried again every ${AGAIN_MS / 1_000} s`);
    said = true;
    await wait(AGAIN_MS, undefined, { signal }).catch(() => undefined);
  }
}

/** Until the signal; a text: why it could not begin. */
async function served(
  url: string,
  at: NonNullable<Place['dashboard']>,
  make: () => Dashboard,
  signal: AbortSignal,
  log: (line: string) => void,
): Promise<string | undefined> {
  let dashboard: Dashboard;
  try {
    dashboard = make();
    await dashboard.server.start(at);
  } catch (error) {
    return (error as Error).message;
  }
  log(`the dashboard is at ${url}`);
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
  await dashboard.stop();
  return undefined;
}
