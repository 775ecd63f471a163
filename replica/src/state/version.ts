/** The state machine version that this software knows. It rises when `apply` means something new. */
export const STATE_VERSION = 1;
