/** Why a replica ends, as its exit status tells the supervisor. `usage` to `diverged` are not worth a restart. */
export const EXIT = {
  ok: 0,
  usage: 64,
  data: 65,
  removed: 66,
  /** Its state is not the one that a quorum has. */
  diverged: 67,
  internal: 70,
  /** A write, sync or read failed. */
  disk: 74,
  busy: 75,
} as const;
export type ExitReason = keyof typeof EXIT;

/** A start that is refused: the message says what is wrong, where, and what to do. */
export class RefusedStart extends Error {
  readonly reason: ExitReason;
  constructor(reason: ExitReason, message: string) {
    super(message);
    this.name = 'RefusedStart';
    this.reason = reason;
  }
}
