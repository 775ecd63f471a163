/** Time for commits and requests: moves on by a second with each look, so that orders are the same in every run. */
export class SteppingClock {
  private now = Date.parse('2026-01-01T00:00:00Z');

  next(): string {
    this.now += 1000;
    return `${new Date(this.now).toISOString().slice(0, 19)}Z`;
  }
}
