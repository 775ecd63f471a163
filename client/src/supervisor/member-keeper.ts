import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from '../cluster/cluster.js';
import { AegisError, LearnerBehindError } from '../errors/index.js';
import type { MemberState } from './cluster-folder.js';
import { nextStep, type Standing } from './replacement.js';

const LOOK_MS = 1_000;
const ANSWER_MS = 2_000;

/** A place of the cluster as its keeper needs it: the member that is in it, and the process that runs there, if one does. */
export type Place = Omit<MemberState, 'process'> & { readonly process: { readonly pid: number } | null };

/** Who runs the processes of all places. */
export interface Places {
  readonly current: { readonly members: readonly Place[] };
  /** The replica in a place is another member now. */
  renumber(name: string, id: number): void;
}

/**
 * Sees to it that the replica in every place is a voter: one whose folder was lost is replaced, one after the other.
 * Asks a replica only until it is known to be settled, and again after each of its starts.
 */
export class MemberKeeper {
  /** Processes that were found settled, by the member's name. */
  private readonly settled = new Map<string, number>();
  private readonly stopped = new AbortController();
  private lastSaid = '';

  constructor(
    private readonly places: Places,
    private readonly cluster: Cluster,
    private readonly onLine: (line: string) => void,
  ) {}

  start(): void {
    void this.keep();
  }

  stop(): void {
    this.stopped.abort();
  }

  private async keep(): Promise<void> {
    const { signal } = this.stopped;
    while (!signal.aborted) {
      // One at a time: the next one only when this one votes.
      for (const place of this.places.current.members) {
        if (this.isSettled(place)) continue;
        if ((await this.attend(place)) === 'busy') break;
      }
      await sleep(LOOK_MS, undefined, { signal }).catch(() => {});
    }
  }

  private isSettled({ name, process }: Place): boolean {
    return process === null || this.settled.get(name) === process.pid;
  }

  /** Takes the next step for a place. Busy: its replacement is under way. */
  private async attend(place: Place): Promise<'busy' | 'idle'> {
    const standing = await standingAt(place.metricsAddress);
    if (standing === undefined) return 'idle';
    const leader = await this.leader();
    // Without a leader nothing can change.
    if (leader === undefined) return 'idle';
    const step = nextStep(place, standing, leader.members);
    try {
      switch (step.kind) {
        case 'wait':
          return 'idle';
        case 'settled':
          this.settle(place, step.id);
          return 'idle';
        case 'remove':
          await this.cluster.remove(step.id);
          this.say(`${place.name} has lost its data: member ${step.id} is removed for ever`);
          return 'busy';
        case 'add': {
          const { name, peerAddress, clientAddress, metricsAddress } = place;
          const learner = { nonce: step.nonce, name, peerAddress, clientAddress, metricsAddress };
          const { memberId } = await this.cluster.addLearner(learner);
          this.say(`${name} comes back as member ${memberId}, and is given the data`);
          return 'busy';
        }
        case 'promote':
          await this.cluster.promote(step.id);
          this.settle(place, step.id);
          this.say(`${place.name}, member ${step.id}, has caught up and votes`);
          return 'idle';
      }
    } catch (error) {
      if (!(error instanceof AegisError)) throw error;
      if (!(error instanceof LearnerBehindError)) {
        this.say(`${place.name} cannot be replaced yet: ${error.message}`);
      }
      return 'busy';
    }
  }

  private settle(place: Place, id: number): void {
    this.settled.set(place.name, place.process!.pid);
    if (place.id !== id) this.places.renumber(place.name, id);
  }

  private async leader() {
    const answers = await this.cluster.statuses(ANSWER_MS);
    return answers
      .flatMap((answer) => ('status' in answer ? [answer.status] : []))
      .find(({ role }) => role === 'leader');
  }

  private say(line: string): void {
    if (line !== this.lastSaid && !this.stopped.signal.aborted) this.onLine(line);
    this.lastSaid = line;
  }
}

/** Undefined: nobody answers there now. */
async function standingAt(metricsAddress: string): Promise<Standing | undefined> {
  try {
    const answer = await fetch(`http://${metricsAddress}/member`, {
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    const said = (await answer.json()) as Partial<Standing>;
    if (typeof said.nonce !== 'string' || (said.state !== 'joining' && said.state !== 'member'))
      return undefined;
    return { state: said.state, nonce: said.nonce, memberId: said.memberId ?? null };
  } catch {
    return undefined;
  }
}
