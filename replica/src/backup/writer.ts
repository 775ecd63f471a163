import { BackupEnd, BackupHeader } from '@aegis/proto/v1/backup';

import { digestOf, FRAME, frame, prefixBytes } from './format.js';

/** Makes the bytes of a backup, piece by piece. */
export class BackupWriter {
  readonly #header: Uint8Array;
  #chunks = 0;

  constructor(header: BackupHeader) {
    this.#header = BackupHeader.encode(header).finish();
  }

  begin(): Buffer {
    return Buffer.concat([prefixBytes(), frame(FRAME.header, this.#header)]);
  }

  /** @param checksum CRC-32C of the rows */
  rows(rows: Uint8Array, checksum?: number): Buffer {
    this.#chunks++;
    return frame(FRAME.rows, rows, checksum);
  }

  /** @param contentHash SHA-256 over the rows of all chunks */
  end(contentHash: Buffer): Buffer {
    const digest = digestOf(this.#header, contentHash);
    return frame(FRAME.end, BackupEnd.encode({ chunks: this.#chunks, contentHash, digest }).finish());
  }
}
