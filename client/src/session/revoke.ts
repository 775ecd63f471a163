import { ask } from '../connection/ask.js';
import type { Connection } from '../connection/connection.js';
import { LeaseNotFoundError } from '../errors/index.js';

/** Ends a session's lease. That it is gone already is as good. */
export async function revoke(connection: Connection, lease: string, timeoutMs: number): Promise<void> {
  try {
    await ask(connection, { $case: 'leaseRevoke', value: { lease } }, 'definite', timeoutMs);
  } catch (error) {
    if (!(error instanceof LeaseNotFoundError)) throw error;
  }
}
