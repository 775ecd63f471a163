/** The API server answered, and the answer is no. */
export class ApiError extends Error {
  override readonly name = 'ApiError';

  constructor(
    /** The HTTP status. */
    readonly code: number,
    /** Kubernetes' own word: NotFound, AlreadyExists, Conflict, Expired, Invalid, TooManyRequests, … */
    readonly reason: string,
    message: string,
    /** How long the server asks to wait before the next try. */
    readonly retryAfterMs?: number,
  ) {
    super(message);
  }
}

/** The API server could not be reached, or what came back cannot be read. Whether the request took effect is unknown. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError';
}

export function isNotFound(error: unknown): boolean {
  return error instanceof ApiError && error.code === 404;
}

/** Another writer was faster: read again and decide anew. */
export function isConflict(error: unknown): boolean {
  return error instanceof ApiError && error.code === 409 && error.reason !== 'AlreadyExists';
}

export function isAlreadyThere(error: unknown): boolean {
  return error instanceof ApiError && error.code === 409 && error.reason === 'AlreadyExists';
}

/** The resource version is too old to watch or to page from: list anew. */
export function isExpired(error: unknown): boolean {
  return error instanceof ApiError && error.code === 410;
}

/** What an answer that is no success says. Whatever the body is, something readable comes out. */
export function errorOf(code: number, body: string, retryAfter: string | undefined, what: string): ApiError {
  const seconds = Number(retryAfter);
  const retryAfterMs =
    retryAfter !== undefined && Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : undefined;
  const { reason, message } = statusOf(body);
  const said = message ?? (body.trim().slice(0, 300) || 'no reason given');
  return new ApiError(code, reason ?? String(code), `${what}: ${code} ${said}`, retryAfterMs);
}

/** The fields of a `Status` object, if the body is one. */
function statusOf(body: string): { reason?: string; message?: string } {
  try {
    const parsed = JSON.parse(body) as { reason?: unknown; message?: unknown } | null;
    return {
      ...(typeof parsed?.reason === 'string' ? { reason: parsed.reason } : {}),
      ...(typeof parsed?.message === 'string' ? { message: parsed.message } : {}),
    };
  } catch {
    return {};
  }
}
