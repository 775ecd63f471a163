/** Says what was reached, and after how long: one line each. */
export class Progress {
  readonly #startMs = performance.now();

  say(what: string): void {
    console.log(`[${seconds(performance.now() - this.#startMs).padStart(7)}] ${what}`);
  }

  /** Does a piece of work and says how long it took, if that was not less than `fromMs`. */
  timed<T>(what: string, work: () => T, fromMs = 0): T {
    const startMs = performance.now();
    const say = (): void => {
      const tookMs = performance.now() - startMs;
      if (tookMs >= fromMs) this.say(`${what} (${seconds(tookMs)})`);
    };
    const result = work();
    if (result instanceof Promise) return result.then((value: unknown) => (say(), value)) as T;
    say();
    return result;
  }
}

export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
