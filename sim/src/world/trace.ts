/** What happened to whom, as far as it may be needed to tell why something went wrong; and a hash over all of it. */
export interface TraceEvent {
  readonly atMs: number;
  /** 0: the world at large. */
  readonly member: number;
  readonly what: string;
}

const KEPT_OF_EACH = 40;

export class Trace {
  readonly #newest = new Map<number, TraceEvent[]>();
  #low = 0x811c9dc5;
  #high = 0x1b873593;
  #events = 0;
  /** Told of each event as it happens. */
  listen: ((event: TraceEvent) => void) | undefined;

  /** Two runs of one seed have the same. */
  get hash(): string {
    return `${(this.#high >>> 0).toString(16).padStart(8, '0')}${(this.#low >>> 0).toString(16).padStart(8, '0')}`;
  }

  get events(): number {
    return this.#events;
  }

  note(atMs: number, member: number, what: string): void {
    this.#events++;
    this.#mix(atMs * 1000);
    this.#mix(member);
    for (let i = 0; i < what.length; i++) this.#mix(what.charCodeAt(i));
    let kept = this.#newest.get(member);
    if (kept === undefined) this.#newest.set(member, (kept = []));
    const event = { atMs, member, what };
    this.listen?.(event);
    kept.push(event);
    if (kept.length > 2 * KEPT_OF_EACH) kept.splice(0, KEPT_OF_EACH);
  }

  /** The newest of these members and of the world, in order. */
  newest(members: readonly number[]): TraceEvent[] {
    const all = [0, ...members].flatMap((member) => (this.#newest.get(member) ?? []).slice(-KEPT_OF_EACH));
    return all.sort((a, b) => a.atMs - b.atMs);
  }

  #mix(value: number): void {
    this.#low = Math.imul(this.#low ^ value, 0x01000193);
    this.#high = Math.imul(this.#high ^ (this.#low >>> 15), 0x85ebca6b);
  }
}
