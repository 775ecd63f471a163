/** What an error says. The client library's own errors of a connection are events that carry one. */
export function messageOf(error: unknown): string {
  if (error instanceof Error) return error.message;
  const { message, error: inner } = (error ?? {}) as { message?: unknown; error?: unknown };
  if (typeof message === 'string' && message !== '') return message;
  return inner === undefined ? String(error) : messageOf(inner);
}
