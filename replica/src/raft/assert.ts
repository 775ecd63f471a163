/**
 * Thrown when the core meets a state that its own rules exclude, or a caller breaks the contract. It is never an
 * operating error: the process that sees one must stop, because nothing that the core says afterwards can be trusted.
 */
export class InvariantViolation extends Error {
  override readonly name: string = 'InvariantViolation';
}

/** Stops with an InvariantViolation. Hot paths test first and build the text only then. */
export function fail(text: string): never {
  throw new InvariantViolation(text);
}

/** Stays on in production: a replica that is wrong must stop, not vote. */
export function assert(condition: boolean, text: string): asserts condition {
  if (!condition) fail(text);
}
