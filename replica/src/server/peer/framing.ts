/** A frame larger than this is not read: the sender is broken, or is no replica. */
export const FRAME_BYTES_MAX = 64 * 1024 * 1024;
/** Before its Hello has been accepted a connection may send no more than this. */
export const HELLO_BYTES_MAX = 4096;

export class FrameTooLarge extends Error {
  constructor(size: number, limit: number) {
    super(`a peer frame of ${size} bytes is over the limit of ${limit}`);
    this.name = 'FrameTooLarge';
  }
}

/** Prefixes a body with its length, 4 bytes, big-endian. */
export function frame(body: Uint8Array): Buffer {
  const framed = Buffer.allocUnsafe(4 + body.length);
  framed.writeUInt32BE(body.length, 0);
  framed.set(body, 4);
  return framed;
}

/**
 * Cuts a byte stream into frames. The bodies that it hands out own their memory: entries live on as views
 * into them.
 */
export class FrameReader {
  #chunks: Buffer[] = [];
  #buffered = 0;
  limit = HELLO_BYTES_MAX;

  /** Adds a chunk and hands every frame that is now whole to `take`. Throws FrameTooLarge. */
  push(chunk: Buffer, take: (body: Buffer) => void): void {
    this.#chunks.push(chunk);
    this.#buffered += chunk.length;
    while (this.#buffered >= 4) {
      const size = this.#peekSize();
      if (size > this.limit) throw new FrameTooLarge(size, this.limit);
      if (this.#buffered < 4 + size) return;
      const whole =
        this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks, this.#buffered);
      const rest = whole.subarray(4 + size);
      this.#chunks = rest.length === 0 ? [] : [rest];
      this.#buffered = rest.length;
      take(whole.subarray(4, 4 + size));
    }
  }

  #peekSize(): number {
    if (this.#chunks[0]!.length < 4) this.#chunks = [Buffer.concat(this.#chunks, this.#buffered)];
    return this.#chunks[0]!.readUInt32BE(0);
  }
}
