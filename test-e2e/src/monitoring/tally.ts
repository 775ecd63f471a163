/** What was checked, and what of it was wrong. */
export class Tally {
  #passed = 0;
  readonly failures: string[] = [];

  get passed(): number {
    return this.#passed;
  }

  /** @param otherwise what is wrong, if it is */
  check(ok: boolean, otherwise: string): void {
    if (ok) this.#passed++;
    else this.failures.push(otherwise);
  }

  /** For `.ci/count.mjs`. */
  report(): object {
    return { passed: this.#passed, failed: this.failures.length, failures: this.failures };
  }
}
