/** The state machine version that this software knows. It rises when `apply` means something new. */
export const STATE_VERSION = 1;

/**
 * With which every cluster begins, whatever its members know: each of them makes its first state by itself, and all must make
 * the same. A command raises it once every member knows a later one.
 */
export const FIRST_VERSION = 1;
