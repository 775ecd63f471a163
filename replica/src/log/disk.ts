/**
 * What the log asks of a disk: one folder of files. The node implementation is `disk-node.ts`; the simulated world
 * brings its own. Failures are `LogError`s: NO_SPACE (nothing promised, may pass), NOT_FOUND, or IO_FAILED.
 */
export interface Disk {
  /** The folder, for messages. */
  readonly path: string;
  list(): Promise<readonly DiskEntry[]>;
  /** Makes an empty file, which must not exist. Its name counts only after `syncDirectory`. */
  create(name: string): Promise<DiskFile>;
  open(name: string): Promise<DiskFile>;
  /** Atomic; replaces `to`. Counts only after `syncDirectory`. */
  rename(from: string, to: string): Promise<void>;
  /** Counts only after `syncDirectory`. */
  remove(name: string): Promise<void>;
  syncDirectory(): Promise<void>;
}

export interface DiskEntry {
  readonly name: string;
  readonly bytes: number;
}

export interface DiskFile {
  /**
   * Writes all of `bytes` at `offset`, and resolves only when they are on stable storage, as by `fdatasync`. The
   * caller leaves `bytes` alone until then. A write past the end grows the file. After a rejection other than
   * NO_SPACE the contents are unknown.
   */
  writeDurably(bytes: Uint8Array, offset: number): Promise<void>;
  /** Resolves to how many bytes were read: fewer than asked only at the end of the file. */
  read(into: Uint8Array, offset: number): Promise<number>;
  /** As `read`, at once: the consensus core reads cold entries in the middle of a step. */
  readSync(into: Uint8Array, offset: number): number;
  close(): Promise<void>;
}
