import type { Random } from '@aegis/replica/sim';
import type { Target, Trace } from '../trace/trace.js';

/** Which member plays which role, for one run of a trace. */
export class Cast {
  readonly roles: Readonly<Record<string, number>>;

  /** @param leader of the moment in which the trace begins */
  constructor(
    { roles }: Trace,
    private readonly members: readonly number[],
    leader: number,
    random: Random,
  ) {
    const free = new Set(members);
    const taken: Record<string, number> = {};
    // Those with the least choice first, so that all can be cast.
    for (const part of ['leader', 'follower', 'any'] as const) {
      for (const name of Object.keys(roles).filter((each) => roles[each] === part)) {
        const able = [...free].filter((id) => part === 'any' || (id === leader) === (part === 'leader'));
        const chosen = random.pick(able);
        free.delete(chosen);
        taken[name] = chosen;
      }
    }
    this.roles = Object.fromEntries(Object.keys(roles).map((name) => [name, taken[name]!]));
  }

  /** The members that are meant now. */
  async meant(target: Target, leader: () => Promise<number>): Promise<readonly number[]> {
    const role = this.roles[target];
    if (role !== undefined) return [role];
    switch (target) {
      case 'leader':
        return [await leader()];
      case 'followers': {
        const leading = await leader();
        return this.members.filter((id) => id !== leading);
      }
      case 'others':
        return this.members.filter((id) => !Object.values(this.roles).includes(id));
      default:
        return this.members;
    }
  }
}
