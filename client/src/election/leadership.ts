import type { Request, Result } from '../connection/operation.js';
import { LockLostError, type AegisError } from '../errors/index.js';
import { Held } from '../lock/held.js';
import { invalid } from '../lock/options.js';

/** The bound of the contract. */
const VALUE_BYTES_MAX = 64 * 1024;

/** The leadership of an election, as long as it is neither resigned nor lost. */
export class Leadership extends Held {
  /**
   * Replaces the value that others read. Fails with NotElectionLeaderError or LockLostError when it no longer leads.
   * @param value text (UTF-8) or bytes, at most 64 KiB
   */
  proclaim(value: string | Uint8Array): Promise<void> {
    const { session, claim } = this;
    const election = this.claimed.election ?? '';
    const bytes = checkValue(value);
    if (!this.valid) {
      return Promise.reject(
        this.lost ?? new LockLostError(`${this.claimed.title}: no longer led`, undefined),
      );
    }
    return new Promise((resolve, reject) => {
      const call = {
        request: (lease: string): Request => ({
          $case: 'proclaim',
          value: { election, lease, claim, value: bytes },
        }),
        onResult: (_result: Result) => resolve(),
        onFailure: (error: AegisError) => {
          session.noticed(error);
          reject(error);
        },
      };
      session.submit(call, session.deadline());
    });
  }

  /** Gives up the leadership. The same as `release`. */
  resign(): Promise<boolean> {
    return this.release();
  }
}

export function checkValue(value: string | Uint8Array): Buffer {
  const bytes = Buffer.from(value);
  if (bytes.byteLength <= VALUE_BYTES_MAX) return bytes;
  throw invalid(`value: ${bytes.byteLength} bytes long, allowed are ${VALUE_BYTES_MAX}`);
}
