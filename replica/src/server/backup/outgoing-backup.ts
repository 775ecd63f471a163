import type { BackupHeader } from '@aegis/proto/v1/backup';

import { BackupWriter } from '../../backup/index.js';
import type { StateView } from '../../state/index.js';
import type { Environment, Timer } from '../driver/environment.js';
import { Chunks } from '../snapshot/chunks.js';
import { Pace } from '../snapshot/pace.js';

/** Where a backup goes: a client's stream. */
export interface BackupSink {
  /** `sent` runs when the bytes have left: the client reads them, or soon will. */
  write(bytes: Buffer, header: BackupHeader | undefined, sent: () => void): void;
}

export interface OutgoingBackupOptions {
  readonly environment: Environment;
  readonly bytesPerSecond: number;
  readonly chunkBytes: number;
}

export type BackupEnding = { readonly ok: true } | { readonly ok: false; readonly reason: string };

const STEP_MS = 10;
/** Pieces that may be on their way at once; with those that are read ahead (`Chunks`), the memory that a backup takes. */
const UNSENT_MAX = 2;
/** A chunk can hold a large row. Messages stay below what clients take by default, 4 MiB. */
const MESSAGE_BYTES_MAX = 1024 * 1024;
/** A client that takes nothing for so long is given up: the view keeps files of the storage from being deleted. */
const SILENCE_MS_MAX = 60_000;
/** For the same reason no backup takes longer than this. */
const LIFE_MS_MAX = 3_600_000;

/** One backup on its way to a client, as fast as it reads and no faster than the rate. */
export class OutgoingBackup {
  readonly header: BackupHeader;
  readonly #environment: Environment;
  readonly #sink: BackupSink;
  readonly #ended: (ending: BackupEnding) => void;
  readonly #writer: BackupWriter;
  readonly #chunks: Chunks;
  readonly #pace: Pace;
  readonly #timer: Timer;
  readonly #beganAt: number;
  #movedAt: number;
  /** Pieces of the frame that is being sent. */
  #pieces: Buffer[] = [];
  #begun = false;
  #next = 0;
  #endMade = false;
  #unsent = 0;
  #bytes = 0;
  #over = false;

  constructor(
    header: BackupHeader,
    view: StateView,
    sink: BackupSink,
    options: OutgoingBackupOptions,
    ended: (ending: BackupEnding) => void,
  ) {
    const { environment, bytesPerSecond, chunkBytes } = options;
    this.#environment = environment;
    this.header = header;
    this.#sink = sink;
    this.#ended = ended;
    this.#writer = new BackupWriter(header);
    this.#pace = new Pace(environment, bytesPerSecond);
    this.#beganAt = this.#movedAt = environment.monotonicMs();
    this.#chunks = new Chunks(
      view,
      chunkBytes,
      () => this.#pump(),
      (error) => this.#finish({ ok: false, reason: `the state could not be read: ${String(error)}` }),
    );
    this.#timer = environment.every(STEP_MS, () => this.#step());
    this.#pieces = slices(this.#writer.begin());
    this.#pump();
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Ends it without a report; resolves when the view of the state is closed. */
  cancel(): Promise<void> {
    this.#over = true;
    this.#timer.stop();
    this.#pieces = [];
    return this.#chunks.close();
  }

  #step(): void {
    const now = this.#environment.monotonicMs();
    if (now - this.#beganAt > LIFE_MS_MAX) {
      this.#finish({ ok: false, reason: `it took longer than ${LIFE_MS_MAX / 60_000} minutes` });
    } else if (this.#unsent > 0 && now - this.#movedAt > SILENCE_MS_MAX) {
      this.#finish({ ok: false, reason: `the client read nothing for ${SILENCE_MS_MAX / 1000} s` });
    } else {
      this.#pump();
    }
  }

  #pump(): void {
    while (!this.#over && this.#unsent < UNSENT_MAX && this.#pace.open) {
      const piece = this.#nextPiece();
      if (piece === undefined) break;
      this.#send(piece);
    }
    if (!this.#over && this.#endMade && this.#pieces.length === 0 && this.#unsent === 0)
      this.#finish({ ok: true });
  }

  #nextPiece(): Buffer | undefined {
    if (this.#pieces.length > 0) return this.#pieces.shift();
    const chunk = this.#chunks.chunk(this.#next);
    if (chunk !== undefined) {
      this.#pieces = slices(this.#writer.rows(chunk.rows, chunk.checksum));
      this.#chunks.acknowledged(++this.#next);
    } else if (this.#chunks.end !== undefined && !this.#endMade) {
      this.#pieces = slices(this.#writer.end(this.#chunks.end.digest));
      this.#endMade = true;
    }
    return this.#pieces.shift();
  }

  #send(piece: Buffer): void {
    this.#pace.spend(piece.length);
    this.#bytes += piece.length;
    this.#unsent++;
    const header = this.#begun ? undefined : this.header;
    this.#begun = true;
    this.#sink.write(piece, header, () => {
      this.#unsent--;
      this.#movedAt = this.#environment.monotonicMs();
      this.#pump();
    });
  }

  #finish(ending: BackupEnding): void {
    if (this.#over) return;
    void this.cancel();
    this.#ended(ending);
  }
}

function slices(bytes: Buffer): Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += MESSAGE_BYTES_MAX) {
    pieces.push(bytes.subarray(at, at + MESSAGE_BYTES_MAX));
  }
  return pieces;
}
