import type { Effect } from './effects.js';
import type { Stage } from './stage.js';

/** The effects that last now. Undoing one brings back an earlier one on the same thing. */
export class InForce {
  readonly #effects: Effect[] = [];
  readonly #lives = new Map<number, string | undefined>();

  constructor(private readonly stage: Stage) {}

  async begin(effect: Effect): Promise<void> {
    await effect.begin(this.stage);
    if (effect.end === undefined) return;
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
    await (next === undefined ? effect.end!(this.stage) : next.begin(this.stage));
  }

  /** Does again what was lost because members were started anew. */
  async mend(): Promise<void> {
    for (const member of new Set(this.#effects.map((effect) => effect.member))) {
      const life = this.stage.life(member);
      if (life === undefined || life === this.#lives.get(member)) continue;
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
