import type { LoadEntry } from '../trace/trace.js';
import { pause, type Means, type Work } from './means.js';

const TTL_MS = 10_000;

/** Every client takes one of the locks, holds it for a while and gives it back. What is timed is how long it takes to get it. */
export function lockWork(
  { clients, locks, holdMs }: Extract<LoadEntry, { kind: 'locks' }>,
  means: Means,
): Work {
  const { connections, over } = means;
  const sessions = Array.from({ length: clients }, (_, index) =>
    connections[index % connections.length]!.session(TTL_MS),
  );
  return {
    once: async (index) => {
      const held = await sessions[index]!.lock(`chaos/locks/${index % locks}`).acquire({ signal: over });
      return async () => {
        await pause(holdMs, over);
        await held.release();
      };
    },
    end: () => Promise.all(sessions.map((session) => session.close())),
  };
}
