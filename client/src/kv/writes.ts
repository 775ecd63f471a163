import { ask } from '../connection/ask.js';
import type { Connection } from '../connection/connection.js';
import type { Request, Result } from '../connection/operation.js';
import { SessionExpiredError } from '../errors/index.js';
import type { Session } from '../session/session.js';

/** How writes are sent. */
export type SendWrite = (request: Request) => Promise<Result>;

/** Without a session: never again once it may have had an effect. */
export function plainWrites(connection: Connection, timeoutMs: number): SendWrite {
  return (request) => ask(connection, request, 'definite', timeoutMs);
}

/** In a session: again and again until it is answered, and at most once in effect. */
export function sessionWrites(session: Session): SendWrite {
  return (request) =>
    new Promise((resolve, reject) => {
      const call = {
        request: () => request,
        onResult: resolve,
        onFailure: (error: Error) => {
          // A lease that is not found is the one the key was to have, not this session's.
          if (error instanceof SessionExpiredError) session.noticed(error);
          reject(error);
        },
      };
      session.submit(call, session.deadline());
    });
}
