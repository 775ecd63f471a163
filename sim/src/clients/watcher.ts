import { AegisError, type Client, CompactedError } from '@aegis/client';

import type { Checks } from '../checks/checks.js';

const PAUSE_MS = 500;

/** Follows the registers with one watch for the life of the client, and hands what comes to the checks. */
export function follow(
  client: Client,
  checks: Checks,
  who: string,
  pause: (ms: number) => Promise<void>,
): void {
  void (async () => {
    for (;;) {
      const from = checks.writes.compactedRevision + 1;
      const check = checks.watch('r/', who, from);
      try {
        for await (const { revision, events } of client.kv.watch({ prefix: 'r/', fromRevision: from })) {
          const changes = events.map(({ type, kv }) => ({
            revision: kv.modRevision,
            key: kv.key.toString(),
            value: type === 'delete' ? undefined : kv.value.toString(),
          }));
          if (changes.length > 0) check.sent({ revision, events: changes });
        }
      } catch (error) {
        if (!(error instanceof AegisError)) throw error;
        if (!(error instanceof CompactedError) && error.code !== 'UNAVAILABLE' && error.code !== 'TIMEOUT')
          checks.report('watches', `${who}: its watch ended with ${error.code}: ${error.message}`);
        await pause(PAUSE_MS);
      }
    }
  })();
}
