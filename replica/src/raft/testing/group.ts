import { emptyConfState, emptySnapshot, StateType, type Message, type Snapshot } from '../index.js';
import { Replica, type Observer, type ReplicaConfig } from './replica.js';

/** A snapshot at index 2 of term 1 with these voters and learners: where test groups start. */
export function firstSnapshot(voters: number[], learners: number[] = []): Snapshot {
  return {
    data: new Uint8Array(4),
    metadata: { index: 2, term: 1, confState: { ...emptyConfState(), voters, learners } },
  };
}

/** Replicas 1..n and what is on its way between them. */
export class Group {
  readonly network: Message[] = [];
  readonly replicas: Replica[] = [];
  /** What `settle` drops. */
  drop: (m: Message) => boolean = () => false;

  constructor(
    first: Snapshot,
    size: number,
    config: ReplicaConfig | ((id: number) => ReplicaConfig) = {},
    observer: Observer = {},
  ) {
    const { voters, learners } = first.metadata.confState;
    for (let id = 1; id <= size; id++) {
      const member = voters.includes(id) || learners.includes(id);
      const own = typeof config === 'function' ? config(id) : config;
      this.replicas.push(new Replica(id, member ? first : emptySnapshot(), own, this.network, observer));
    }
  }

  /** A group in which all are voters. */
  static of(size: number, config: ReplicaConfig = {}): Group {
    return new Group(firstSnapshot(Array.from({ length: size }, (_, i) => i + 1)), size, config);
  }

  at(id: number): Replica {
    return this.replicas[id - 1]!;
  }

  state(id: number): StateType {
    return this.at(id).raft.basicStatus().state;
  }

  leaders(): number[] {
    return this.replicas.map(({ id }) => id).filter((id) => this.state(id) === StateType.Leader);
  }

  /** Delivers and works until nothing moves. */
  settle(): void {
    for (const replica of this.replicas) replica.work();
    while (this.network.length > 0) {
      const m = this.network.shift()!;
      if (this.drop(m)) continue;
      const to = this.at(m.to);
      to.raft.step(m);
      to.work();
    }
  }

  elect(id: number): void {
    this.at(id).raft.campaign();
    this.settle();
  }

  /** Cuts the replicas off from all others, and joins them again when called with none. */
  isolate(...ids: number[]): void {
    this.drop = (m) => ids.includes(m.to) !== ids.includes(m.from);
  }

  tick(id: number, times = 1): void {
    for (let i = 0; i < times; i++) this.at(id).raft.tick();
  }
}

export function bytes(text: string): Uint8Array {
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}
