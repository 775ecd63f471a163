/** What goes wrong with one request. */
export type Fault =
  /** 403 with nothing left of the hour's requests. */
  | { readonly kind: 'rate-limit'; readonly resetSeconds: number }
  /** 429, or 403, with how long to wait. */
  | { readonly kind: 'retry-after'; readonly status: 403 | 429; readonly seconds: number }
  /** 403 without a word on how long. */
  | { readonly kind: 'secondary-limit' }
  | { readonly kind: 'status'; readonly status: number; readonly message?: string }
  /** 200 with these bytes. */
  | { readonly kind: 'body'; readonly text: string; readonly contentType?: string }
  /** The true answer, changed. */
  | { readonly kind: 'altered'; readonly alter: (body: unknown) => unknown }
  /** The true answer, cut off in its middle. */
  | { readonly kind: 'truncated' }
  | { readonly kind: 'reset' }
  /** Never answered; the connection stays open. */
  | { readonly kind: 'silence' };

interface Planned {
  readonly fault: Fault;
  readonly path: RegExp;
  left: number;
}

/** Faults on order: the first that fits a request takes it. */
export class FaultPlan {
  private planned: Planned[] = [];

  /** @param times how many requests, all that come by default. @param path what a request's path must match */
  add(
    fault: Fault,
    { times = Number.POSITIVE_INFINITY, path = /./ }: { times?: number; path?: RegExp } = {},
  ): void {
    this.planned.push({ fault, path, left: times });
  }

  clear(): void {
    this.planned = [];
  }

  take(pathname: string): Fault | undefined {
    const found = this.planned.find(({ path, left }) => left > 0 && path.test(pathname));
    if (found === undefined) return undefined;
    found.left -= 1;
    return found.fault;
  }
}
