/** Why the supervisor did not do what the agent asked; the answer's status, by its code. */
export const SOCKET_STATUS = {
  InvalidRequest: 400,
  BranchForbidden: 403,
  Refused: 403,
  NotFound: 404,
  HeadMoved: 409,
  TooLarge: 413,
  TooMany: 429,
  Failed: 500,
  /** No answer at all: nobody listens, or not in time. */
  Unreachable: 503,
} as const;

export type SocketErrorCode = keyof typeof SOCKET_STATUS;

/** What the agent asked of its supervisor was not done. */
export class SocketError extends Error {
  override readonly name = 'SocketError';

  constructor(
    readonly code: SocketErrorCode,
    message: string,
  ) {
    super(message);
  }
}
