/** Milliseconds of one clock that all threads share and that nobody sets: since 1970 by the moment at which the process began. */
export function sharedMs(): number {
  return performance.timeOrigin + performance.now();
}
