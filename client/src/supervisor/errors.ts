/** Why a cluster on this machine could not be started, found or stopped: what is wrong, where, and what to do. */
export class SupervisorError extends Error {
  override readonly name = 'SupervisorError';
}
