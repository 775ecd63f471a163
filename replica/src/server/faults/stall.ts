const NEVER = new Int32Array(new SharedArrayBuffer(4));

/** The event loop stands still for so long, without using the processor. */
export function stall(ms: number): void {
  if (ms > 0) Atomics.wait(NEVER, 0, 0, ms);
}
