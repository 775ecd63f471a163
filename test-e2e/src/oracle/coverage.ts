/** What a schedule should reach now and then. A situation that no schedule reaches is a hole in the proof. */
const situations = [
  'election won',
  'election won by a transfer',
  'election lost',
  'pre-vote won',
  'pre-vote lost',
  'vote refused',
  'vote request ignored in the lease',
  'campaign put off for an unapplied change',
  'leader silenced by a later term',
  'leader without quorum stepped down',
  'leader removed or demoted',
  'removed leader stepped down',
  'leader forgotten',
  'append refused',
  'append refused with a hint below it',
  'leader cut off and replaced',
  'conflict overwritten on disk',
  'old leader answered in a later term',
  'window full by messages',
  'window full by bytes',
  'follower reported unreachable while replicating',
  'apply held back by its limit',
  'entry above its limit handed out alone',
  'proposal forwarded',
  'proposal dropped: no leader',
  'proposal dropped: forwarding is off',
  'proposal dropped: handing over',
  'proposal dropped: too much uncommitted',
  'proposal dropped: leader was removed',
  'change refused when proposed',
  'change turned down when applied',
  'change of one member applied',
  'joint configuration entered, to be left automatically',
  'joint configuration entered, to be left on request',
  'joint configuration left automatically',
  'joint configuration left on request',
  'learner added',
  'learner promoted',
  'voter demoted',
  'member removed',
  'snapshot sent',
  'snapshot wanted while none was ready',
  'snapshot installed',
  'snapshot ignored as old',
  'snapshot reported failed while pending',
  'snapshot reported sent while pending',
  'snapshot overtook entries to be applied',
  'log compacted',
  'read answered',
  'read forwarded',
  'read before the first commit of a term',
  'read in a lease',
  'several reads confirmed at once',
  'transfer begun',
  'transfer given up after its time',
  'restart',
  'restart that lost queued writes',
  'restart that lost a commit index',
  'restart that applies again',
  'write answered in a later term',
  'message lost',
  'message delivered twice',
  'message delivered out of order',
  'message delivered late',
  'response of a stranger refused',
  'forged local message refused',
  'group bootstrapped',
  'schedule ended by an assertion of both',
] as const;

export type Situation = (typeof situations)[number];
export type Counts = Record<Situation, number>;

export class Coverage {
  readonly counts = Object.fromEntries(situations.map((name) => [name, 0])) as Counts;

  saw(situation: Situation): void {
    this.counts[situation]++;
  }

  add(counts: Counts): void {
    for (const name of situations) this.counts[name] += counts[name];
  }

  missing(): Situation[] {
    return situations.filter((name) => this.counts[name] === 0);
  }

  table(): string {
    const width = Math.max(...situations.map((name) => name.length));
    return situations.map((name) => `  ${name.padEnd(width)} ${this.counts[name]}`).join('\n');
  }
}
