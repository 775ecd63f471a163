import {
  emptyConfState,
  MemoryStorage,
  RaftError,
  type ConfState,
  type HardState,
  type Entry,
  type Snapshot,
} from '@aegis/replica/raft';

/**
 * What a member keeps across a crash: the core's own MemoryStorage, with two things that it lacks. The configuration at
 * a start belongs to the applied index of that start, and a snapshot can be in the making.
 */
export class Disk extends MemoryStorage {
  confState: ConfState = emptyConfState();
  busy = false;
  /** Called when the core asks for a snapshot in vain. */
  onBusy: () => void = () => {};

  override initialState(): { hardState: HardState; confState: ConfState } {
    return { ...super.initialState(), confState: this.confState };
  }

  override snapshot(): Snapshot {
    if (!this.busy) return super.snapshot();
    this.onBusy();
    throw new RaftError('SNAPSHOT_TEMPORARILY_UNAVAILABLE');
  }

  get commit(): number {
    return super.initialState().hardState.commit;
  }

  setCommit(commit: number): void {
    this.setHardState({ ...super.initialState().hardState, commit });
  }

  write(hardState: HardState | undefined, snapshot: Snapshot | undefined, entries: readonly Entry[]): void {
    if (hardState !== undefined) this.setHardState(hardState);
    if (snapshot !== undefined) this.applySnapshot(snapshot);
    this.append(entries);
  }
}
