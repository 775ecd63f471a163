import { metricsPage, PagesServer, probePage } from '@aegis/replica/pages';

export interface TelemetrySources {
  metrics(): Promise<string>;
  /** Undefined: it works, or waits to; else why not. */
  ready(): string | undefined;
}

/** The operator's only port. */
export function telemetry(sources: TelemetrySources): PagesServer {
  return new PagesServer({
    '/metrics': () => metricsPage(() => sources.metrics()),
    '/livez': () => probePage(undefined),
    '/readyz': () => probePage(sources.ready()),
  });
}
