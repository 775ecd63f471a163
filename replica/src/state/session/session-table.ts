import type { Result } from '@aegis/proto/replica/command';
import type { Row } from '../rows/row.js';

export interface SessionResult {
  readonly result: Result;
  readonly row: Row;
  /** Of the row's value. */
  readonly bytes: number;
}

/** The results of the sequenced calls of a lease that its client may still ask for. */
export class SessionTable {
  /** Sequences below it are forgotten. Only rises. */
  floor = 0;
  /** Of all results. */
  bytes = 0;
  /** Invariant: sequences are in [floor, floor + window). */
  readonly results = new Map<number, SessionResult>();

  /** Raises the floor and takes out what falls below it, in the order of sequences. */
  raiseFloor(floor: number): SessionResult[] {
    if (floor <= this.floor) return [];
    const below: SessionResult[] = [];
    if (floor - this.floor <= this.results.size) {
      for (let sequence = this.floor; sequence < floor; sequence++) this.#take(sequence, below);
    } else {
      for (const sequence of this.#sequencesBelow(floor)) this.#take(sequence, below);
    }
    this.floor = floor;
    return below;
  }

  add(sequence: number, result: SessionResult): void {
    this.results.set(sequence, result);
    this.bytes += result.bytes;
  }

  /** What the results take that a call with this floor leaves. */
  bytesFrom(floor: number): number {
    let bytes = 0;
    for (const [sequence, result] of this.results) if (sequence >= floor) bytes += result.bytes;
    return bytes;
  }

  /** Everything, in the order of sequences. */
  inOrder(): SessionResult[] {
    return this.#sequencesBelow(Infinity).map((sequence) => this.results.get(sequence)!);
  }

  #take(sequence: number, into: SessionResult[]): void {
    const result = this.results.get(sequence);
    if (result === undefined) return;
    this.results.delete(sequence);
    this.bytes -= result.bytes;
    into.push(result);
  }

  #sequencesBelow(floor: number): number[] {
    const sequences: number[] = [];
    for (const sequence of this.results.keys()) if (sequence < floor) sequences.push(sequence);
    return sequences.length > 1 ? sequences.sort((a, b) => a - b) : sequences;
  }
}
