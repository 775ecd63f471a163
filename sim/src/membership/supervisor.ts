import { AegisError } from '@aegis/client';
import { nextStep, type Standing } from '@aegis/client/replacement';
import type { MembershipResponse, StatusResponse } from '@aegis/proto/v1/cluster';

import type { World } from '../world/world.js';
import { type AdminCall, callAdmin } from './admin-calls.js';
import type { Place } from './place.js';

const STATUS_MS = 2000;
const CHANGE_MS = 9000;
/** After a loss, until nothing of the lost member can be on its way any more. */
const SILENT_MS = 3000;
/** How often somebody asks for a change that would leave too few, while it can be told. */
const CARELESS = 0.3;
/** How often somebody asks for all changes that are due at once, and waits for none before the next. */
const IMPATIENT = 0.3;
/** How often somebody tries to add the folder of a member that was removed. */
const FORGETFUL = 0.2;

interface Leader {
  readonly place: number;
  readonly status: StatusResponse;
}

/**
 * Sees to it that the machine in every wanted place is a voter, as `aegis up` does, and that nobody else is a member. Several may
 * be at it at once, without knowing of each other.
 */
export class Supervisor {
  readonly #world: World;
  readonly #lookMs: number;
  #calls = 0;
  /** Members whose removal it has asked for, and not heard of yet. */
  readonly #leaving = new Set<number>();
  /** Whether it begins anything. */
  working = true;

  constructor(world: World, lookMs: number) {
    this.#world = world;
    this.#lookMs = lookMs;
  }

  /** Whether a change that it asked for is unanswered. */
  get changing(): boolean {
    return this.#calls > 0;
  }

  start(): void {
    const { random, cluster } = this.#world;
    cluster.queue.after(this.#lookMs * (0.5 + random.fraction()), () => {
      void this.#look().then(() => this.start());
    });
  }

  async #look(): Promise<void> {
    if (!this.working) return;
    const leader = await this.#leader();
    // Without a leader nothing can change.
    if (leader === undefined || !this.working) return;
    const { random, places } = this.#world;
    if (random.chance(FORGETFUL)) await this.#tryRemovedFolder(leader);
    if (random.chance(CARELESS)) await this.#tryFatalRemoval(leader);
    const { list } = places;
    const from = random.below(Math.max(1, list.length));
    const inTurn = [...list.slice(from), ...list.slice(0, from)];
    if (random.chance(IMPATIENT)) {
      const seen = await Promise.all(inTurn.map((place) => this.#see(place, leader)));
      if (seen.includes('busy')) return;
    } else {
      for (const place of inTurn) {
        if (!this.working || (await this.#see(place, leader)) === 'busy') return;
      }
    }
    await this.#tidy(leader);
  }

  /** Busy, too, if the step was refused. */
  async #see(place: Place, leader: Leader): Promise<'busy' | 'idle'> {
    try {
      return await this.#attend(place, leader);
    } catch (error) {
      if (!(error instanceof AegisError)) throw error;
      this.#world.count(`change refused ${error.code}`);
      return 'busy';
    }
  }

  /** Takes the next step for a place. Busy: enough for this time. */
  async #attend(place: Place, leader: Leader): Promise<'busy' | 'idle'> {
    const { random } = this.#world;
    const { members } = leader.status;
    if (!place.wanted) {
      const there = members.find(({ peerAddress }) => peerAddress === place.addresses.peerAddress);
      return this.#dismiss(place, there?.id ?? place.member?.id, leader);
    }
    const standing = standingOf(place);
    if (standing === undefined) return 'idle';
    const step = nextStep(place.addresses, standing, members);
    switch (step.kind) {
      case 'wait':
      case 'settled':
        return 'idle';
      case 'remove':
        // Now and then by somebody who does not know that its addresses are still another member's.
        if (random.chance(0.1)) await this.#add(place, standing.nonce, leader);
        return this.#remove(step.id, leader);
      case 'add': {
        const memberId = await this.#add(place, step.nonce, leader);
        // Now and then by somebody without patience.
        if (random.chance(0.3)) await this.#promote(place, memberId, leader);
        return 'busy';
      }
      case 'promote':
        await this.#promote(place, step.id, leader);
        return 'busy';
    }
  }

  async #add(place: Place, nonce: string, leader: Leader): Promise<number> {
    const learner = { nonce, ...place.addresses };
    const { memberId } = await this.#change(leader, (admin, answer) => admin.addLearner(learner, answer));
    this.#world.checks.membership.added(nonce, memberId);
    return memberId;
  }

  /** Its machine may be switched off only when an answer says that the member is gone: what a status shows is not enough. */
  async #dismiss(place: Place, id: number | undefined, leader: Leader): Promise<'busy' | 'idle'> {
    try {
      if (id !== undefined && (await this.#remove(id, leader)) === 'idle') return 'idle';
    } catch (error) {
      if (!(error instanceof AegisError) || error.code !== 'MEMBER_NOT_FOUND') throw error;
    }
    this.#world.places.drop(place);
    return 'busy';
  }

  async #promote(place: Place, memberId: number, leader: Leader): Promise<void> {
    const { checks, places } = this.#world;
    const replaced = places.list.find(({ member }) => member !== undefined && member.id === place.replaces);
    const { voters } = checks.membership.current.confState;
    const replacedId = replaced?.wanted === true && voters.includes(place.replaces!) ? place.replaces! : 0;
    if (!this.#prudent([...voters, memberId].filter((id) => id !== replacedId))) return;
    await this.#change(leader, (admin, answer) => admin.promote({ memberId, replacedId }, answer));
    checks.membership.promoted(memberId);
    if (replacedId !== 0) {
      replaced!.wanted = false;
      this.#world.count('voters replaced');
    }
    place.replaces = undefined;
  }

  async #remove(id: number, leader: Leader): Promise<'busy' | 'idle'> {
    const { checks } = this.#world;
    const { voters } = checks.membership.current.confState;
    const left = voters.filter((voter) => voter !== id && !this.#leaving.has(voter));
    if (voters.includes(id) && !this.#prudent(left)) return 'idle';
    if (this.#leaving.size > 0) this.#world.count('removals asked for together');
    this.#leaving.add(id);
    try {
      await this.#change(leader, (admin, answer) => admin.remove({ memberId: id }, answer));
    } finally {
      this.#leaving.delete(id);
    }
    checks.membership.removed(id);
    if (id === leader.status.memberId) this.#world.count('leaders removed');
    return 'busy';
  }

  /** Whether the cluster could go on with these voters. Of those that were lost some may still seem to live. */
  #prudent(voters: readonly number[]): boolean {
    return this.#world.places.survives(voters);
  }

  /** A member without a place was added for a folder that was gone by then. */
  async #tidy(leader: Leader): Promise<void> {
    const { places } = this.#world;
    const addresses = places.list.map((place) => place.addresses.peerAddress);
    const stray = leader.status.members.find(({ peerAddress }) => !addresses.includes(peerAddress));
    if (stray === undefined) return;
    await this.#remove(stray.id, leader).catch((error: unknown) => {
      if (!(error instanceof AegisError)) throw error;
    });
  }

  /** A folder whose member was removed must never come back. */
  async #tryRemovedFolder(leader: Leader): Promise<void> {
    const { places, random } = this.#world;
    if (places.removedNonces.length === 0) return;
    const nonce = random.pick(places.removedNonces);
    const addresses = { peerAddress: 'old-p:1', clientAddress: 'old-c:1', metricsAddress: 'old-m:1' };
    try {
      await this.#change(leader, (admin, answer) =>
        admin.addLearner({ nonce, name: 'old', ...addresses }, answer),
      );
    } catch (error) {
      if (!(error instanceof AegisError)) throw error;
      return;
    }
    this.#world.report('removed folders are refused', `the folder ${nonce} was added again`);
  }

  /** With a voter lost another one is to go, so that too few were left: that must be refused, once the cluster can know. */
  async #tryFatalRemoval(leader: Leader): Promise<void> {
    const { places, random, nowMs, checks } = this.#world;
    const { voters } = checks.membership.current.confState;
    const { lost } = places;
    const living = voters.filter((id) => !lost.has(id));
    if (living.length === voters.length || living.length < 2 || nowMs - places.lastLossMs < SILENT_MS) return;
    const memberId = random.pick(living);
    if (places.survives(voters.filter((id) => id !== memberId))) return;
    this.#world.count('fatal removals asked for');
    try {
      await this.#change(leader, (admin, answer) => admin.remove({ memberId }, answer));
    } catch (error) {
      if (!(error instanceof AegisError)) throw error;
      this.#world.count(`fatal removals refused ${error.code}`);
    }
  }

  async #change(leader: Leader, call: AdminCall<MembershipResponse>): Promise<MembershipResponse> {
    this.#calls++;
    try {
      const answer = await callAdmin(this.#world, leader.place, call, CHANGE_MS);
      this.#world.count('changes made');
      return answer;
    } finally {
      this.#calls--;
    }
  }

  async #leader(): Promise<Leader | undefined> {
    const asked = this.#world.places.list.map(async ({ number: place }) => {
      const status = await callAdmin<StatusResponse>(
        this.#world,
        place,
        (admin, answer) => admin.status({}, answer),
        STATUS_MS,
      );
      return { place, status };
    });
    const answers = await Promise.allSettled(asked);
    const failed = answers.find(
      (answer) => answer.status === 'rejected' && !(answer.reason instanceof AegisError),
    );
    if (failed?.status === 'rejected') throw failed.reason;
    return answers
      .flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []))
      .find(({ status }) => status.role === 'leader');
  }
}

/** What the replica in a place says of itself; undefined: nobody answers there. */
function standingOf({ member, newcomer }: Place): Standing | undefined {
  if (member?.life !== undefined && !member.life.environment.paused)
    return { state: 'member', nonce: member.nonce, memberId: member.id };
  if (newcomer?.environment === undefined) return undefined;
  return { state: 'joining', nonce: newcomer.nonce, memberId: null };
}
