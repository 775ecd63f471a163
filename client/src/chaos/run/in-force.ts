import type { Effect } from './effects.js';
import type { Stage } from './stage.js';

type Work = Effect['begin'];

/** The effects that last now. Undoing one brings back an earlier one on the same thing. */
export class InForce {
  readonly #effects: Effect[] = [];
  readonly #lives = new Map<number, string | undefined>();
  /** What a member that stands still is told when it goes on: of each thing the last word, in the order of these. */
  readonly #owed = new Map<number, Map<string, Work>>();

  constructor(private readonly stage: Stage) {}

  async begin(effect: Effect): Promise<void> {
    await this.#carryOut(effect, effect.begin);
    if (effect.end === undefined) return;
    if (stops(effect) && !this.#owed.has(effect.member)) this.#owed.set(effect.member, new Map());
    this.#effects.push(effect);
    this.#lives.set(effect.member, this.stage.life(effect.member));
  }

  async end(effect: Effect): Promise<void> {
    const at = this.#effects.indexOf(effect);
    if (at === -1) return;
    const ruled = this.#ruling(effect) === effect;
    this.#effects.splice(at, 1);
    if (!ruled) return;
    const next = this.#ruling(effect);
    // A member that does not run has nothing to be undone.
    if (this.stage.life(effect.member) === undefined) return;
    await this.#carryOut(effect, next === undefined ? effect.end! : next.begin);
    if (stops(effect) && next === undefined) await this.#goOn(effect.member);
  }

  async #goOn(member: number): Promise<void> {
    const owed = this.#owed.get(member) ?? [];
    this.#owed.delete(member);
    for (const [, work] of owed) await work(this.stage);
  }

  /** Now, or when the member goes on. */
  async #carryOut({ member, subject, asks }: Effect, work: Work): Promise<void> {
    // Who was ended meanwhile stands still no more, and is told by mend.
    const owed = this.stage.life(member) === this.#lives.get(member) ? this.#owed.get(member) : undefined;
    if (!asks || owed === undefined) return work(this.stage);
    owed.delete(subject);
    owed.set(subject, work);
  }

  /** Does again what was lost because members were started anew. */
  async mend(): Promise<void> {
    for (const member of new Set(this.#effects.map((effect) => effect.member))) {
      const life = this.stage.life(member);
      if (life === undefined || life === this.#lives.get(member)) continue;
      this.#owed.delete(member);
      const lost = this.#effects.filter((effect) => effect.member === member && effect.ordered);
      for (const effect of lost.filter((each) => this.#ruling(each) === each)) await effect.begin(this.stage);
      this.#lives.set(member, life);
    }
  }

  /** Undoes all, whatever of it fails; throws the first failure afterwards. */
  async endAll(): Promise<void> {
    const failures: unknown[] = [];
    for (const effect of [...this.#effects].reverse())
      await this.end(effect).catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw failures[0];
  }

  #ruling({ member, subject }: Effect): Effect | undefined {
    return this.#effects.findLast((each) => each.member === member && each.subject === subject);
  }
}

function stops({ subject, end }: Effect): boolean {
  return subject === 'process' && end !== undefined;
}
