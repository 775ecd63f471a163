import type { Observed, Place } from '../observed.js';
import { majority } from '../observed.js';
import type { Step } from '../step.js';

interface Volume {
  nonce: string;
  memberId: number | undefined;
}

interface Pod {
  generation: number;
  /** Turns until its process answers. */
  starting: number;
  /** Turns until it has caught up. */
  behind: number;
  runningTurns: number;
}

interface Member {
  readonly id: number;
  readonly ordinal: number;
  readonly nonce: string;
  state: 'voter' | 'learner';
}

/** How long a turn is, as far as the plan asks for time. */
const TURN_MS = 5_000;

/** A StatefulSet, its volumes and a cluster, in the abstract: enough to see what a plan does to them. */
export class World {
  size: number;
  generation = 1;
  /** Pods of this generation never become ready. */
  badGeneration: number | undefined;
  replicas: number | undefined;
  record: string[] | undefined;
  /** The copy of it on the volumes. */
  recordKept: string[] | undefined;
  readonly volumes = new Map<number, Volume>();
  readonly pods = new Map<number, Pod>();
  members: Member[] = [];
  leader: number | undefined;
  lastVoters: number[] | undefined;
  provenGeneration = 0;
  readonly removed = new Set<number>();
  private nextId = 1;
  private nonces = 0;

  constructor(size: number) {
    this.size = size;
  }

  /** What belongs to Kubernetes and to the replicas goes on by itself. */
  turn(): void {
    for (let ordinal = 0; ordinal < (this.replicas ?? 0); ordinal++) {
      if (!this.volumes.has(ordinal)) this.volumes.set(ordinal, this.newVolume());
      if (!this.pods.has(ordinal)) {
        this.pods.set(ordinal, { generation: this.generation, starting: 2, behind: 2, runningTurns: 0 });
      }
    }
    for (const ordinal of this.pods.keys()) if (ordinal >= this.replicas!) this.pods.delete(ordinal);
    for (const [ordinal, pod] of this.pods) {
      pod.runningTurns++;
      if (pod.starting > 0) pod.starting--;
      else this.identify(this.volumes.get(ordinal)!);
    }
    this.elect();
    if (this.leader === undefined) return;
    this.lastVoters = this.voters.map(({ ordinal }) => ordinal);
    for (const [ordinal, pod] of this.pods) {
      if (this.isActive(ordinal) && pod.behind > 0 && pod.generation !== this.badGeneration) pod.behind--;
    }
    const all = Array.from({ length: this.size }, (_, ordinal) => this.pods.get(ordinal));
    if (all.every((pod) => pod?.generation === this.generation && pod.behind === 0))
      this.provenGeneration = this.generation;
  }

  observe(): Observed {
    const ordinals = new Set([...this.pods.keys(), ...this.volumes.keys()]);
    return {
      size: this.size,
      record: this.record?.length,
      recordKept: this.recordKept !== undefined,
      replicas: this.replicas,
      places: [...ordinals].toSorted((a, b) => a - b).map((ordinal) => this.placeAt(ordinal)),
      membership:
        this.leader === undefined
          ? undefined
          : {
              leader: this.leader,
              members: this.members.map((member) => ({
                ...member,
                active: this.isActive(member.ordinal, member.id),
                caughtUp:
                  this.isActive(member.ordinal, member.id) && this.pods.get(member.ordinal)!.behind === 0,
              })),
            },
      lastVoters: this.lastVoters,
      settingsProven: this.provenGeneration === this.generation,
    };
  }

  /** Does it as Kubernetes and the data plane would, guards included. Throws where a plan must never come to. */
  apply(step: Step): void {
    switch (step.kind) {
      case 'scale':
        this.replicas = step.replicas;
        return;
      case 'record':
        // It is created and never written over: the API server refuses a second one.
        if (this.record !== undefined) return;
        this.record = [...step.nonces];
        this.members = step.nonces.map((nonce, ordinal) => ({
          id: this.nextId++,
          ordinal,
          nonce,
          state: 'voter',
        }));
        return;
      case 'restore-record':
        this.record = [...this.recordKept!];
        return;
      case 'add':
        if (this.leader === undefined || this.members.some(({ nonce }) => nonce === step.nonce)) return;
        if (this.members.some(({ ordinal }) => ordinal === step.ordinal))
          throw new Error('an address is added twice');
        this.members.push({ id: this.nextId++, ordinal: step.ordinal, nonce: step.nonce, state: 'learner' });
        return;
      case 'promote': {
        const member = this.members.find(({ id }) => id === step.id);
        if (this.leader !== undefined && member !== undefined && this.isActive(member.ordinal, member.id))
          member.state = 'voter';
        return;
      }
      case 'remove':
        this.remove(step.id, step.why === 'LostVolume');
        return;
      case 'transfer':
        if (this.voters.some(({ id, ordinal }) => id === step.to && this.isActive(ordinal, id)))
          this.leader = step.to;
        return;
      case 'restart':
        this.restart(step.ordinal, step.recover);
        return;
      case 'delete-volume':
        if (
          step.ordinal < this.size &&
          this.record !== undefined &&
          this.memberIn(step.ordinal) !== undefined
        )
          throw new Error('the volume of a member is deleted');
        if (!this.pods.has(step.ordinal)) this.volumes.delete(step.ordinal);
        return;
      case 'roll-back':
        this.generation = this.provenGeneration;
        return;
      default:
    }
  }

  loseVolume(ordinal: number): void {
    this.pods.delete(ordinal);
    this.volumes.delete(ordinal);
  }

  get voters(): Member[] {
    return this.members.filter(({ state }) => state === 'voter');
  }

  get activeVoters(): number {
    return this.voters.filter(({ id, ordinal }) => this.isActive(ordinal, id)).length;
  }

  get settled(): boolean {
    const places = Array.from({ length: this.size }, (_, ordinal) => ordinal);
    return (
      this.voters.length === this.size &&
      this.members.length === this.size &&
      this.volumes.size === this.size &&
      this.pods.size === this.size &&
      places.every(
        (ordinal) =>
          this.memberIn(ordinal)?.state === 'voter' &&
          this.pods.get(ordinal)!.behind === 0 &&
          this.pods.get(ordinal)!.generation === this.generation,
      )
    );
  }

  private remove(id: number, because: boolean): void {
    const member = this.members.find((each) => each.id === id);
    if (this.leader === undefined || member === undefined) return;
    if (because && this.volumes.get(member.ordinal)?.nonce === member.nonce)
      throw new Error(`member ${id} is removed for a lost volume, and has its volume`);
    const rest = this.voters.filter((each) => each.id !== id);
    const live = rest.filter((each) => this.isActive(each.ordinal, each.id)).length;
    // The guard of the data plane.
    if (member.state === 'voter' && live < majority(rest.length)) return;
    this.members = this.members.filter((each) => each.id !== id);
    this.removed.add(id);
    if (this.leader === id) throw new Error('the leader is removed without a transfer');
  }

  private restart(ordinal: number, recover: boolean): void {
    if (!this.pods.delete(ordinal)) return;
    const others = this.voters.length > 1 && this.leader !== undefined;
    if (!recover && others && this.activeVoters < majority(this.voters.length))
      throw new Error(`the restart of place ${ordinal} took the quorum`);
  }

  private identify(volume: Volume): void {
    if (volume.memberId !== undefined && this.removed.has(volume.memberId))
      Object.assign(volume, this.newVolume());
    volume.memberId ??= this.members.find(({ nonce }) => nonce === volume.nonce)?.id;
  }

  private isActive(ordinal: number, id = this.memberIn(ordinal)?.id): boolean {
    const pod = this.pods.get(ordinal);
    return id !== undefined && pod?.starting === 0 && this.volumes.get(ordinal)?.memberId === id;
  }

  private memberIn(ordinal: number): Member | undefined {
    return this.members.find((member) => member.ordinal === ordinal);
  }

  private elect(): void {
    if (this.activeVoters < majority(Math.max(1, this.voters.length))) this.leader = undefined;
    else {
      const leads = this.voters.find(({ id }) => id === this.leader);
      if (leads === undefined || !this.isActive(leads.ordinal, leads.id))
        this.leader = this.voters.find(({ id, ordinal }) => this.isActive(ordinal, id))?.id;
    }
  }

  private placeAt(ordinal: number): Place {
    const pod = this.pods.get(ordinal);
    const volume = this.volumes.get(ordinal);
    const member = volume?.memberId;
    const nonce = volume?.nonce ?? '';
    const fresh = this.record === undefined ? 'empty' : 'joining';
    return {
      ordinal,
      pod: pod !== undefined,
      terminating: false,
      folder:
        pod === undefined || pod.starting > 0 || volume === undefined
          ? { state: 'silent' }
          : member === undefined
            ? { state: fresh, nonce }
            : { state: 'member', nonce, id: member },
      ready: this.leader !== undefined && this.isActive(ordinal) && pod!.behind === 0,
      current: pod?.generation === this.generation,
      runningMs: pod === undefined || pod.starting > 0 ? undefined : pod.runningTurns * TURN_MS,
      volume: volume !== undefined,
    };
  }

  private newVolume(): Volume {
    return { nonce: `nonce-${++this.nonces}`, memberId: undefined };
  }
}
