/** One decoder of the product, and what may come of any bytes that it is given. */
export interface Target {
  readonly name: string;
  /** How its inputs are built, so that mutations reach behind the outermost check. */
  readonly shape: 'protobuf' | 'text' | 'bytes';
  /** Valid inputs, made by the encoders of the product. Each must be accepted as it is. */
  readonly seeds: () => readonly Uint8Array[] | Promise<readonly Uint8Array[]>;
  /**
   * Gives the bytes to the decoder. Errors by which it refuses bytes are caught here; whatever is thrown is a bug. The
   * answer: whether the bytes were accepted.
   */
  readonly run: (bytes: Buffer) => boolean | Promise<boolean>;
  /** Of one input; default 1000. */
  readonly msMax?: number;
  /** Mended after a mutation: lengths and checksums that would otherwise hide what is behind them. */
  readonly mend?: (bytes: Buffer) => Buffer;
}

/** Runs `decode`; false if it throws one of the documented errors. */
export function accepts(
  decode: () => void,
  ...documented: readonly (abstract new (...args: never[]) => Error)[]
): boolean {
  try {
    decode();
    return true;
  } catch (error) {
    if (documented.some((kind) => error instanceof kind)) return false;
    throw error;
  }
}

/** What must hold of a round trip. */
export function same(once: Uint8Array, again: Uint8Array, what: string): void {
  if (Buffer.compare(once, again) !== 0) throw new Error(`${what} changes in a round trip`);
}
