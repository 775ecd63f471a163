/** The repository of a cluster's settings on one machine, and the socket by which the agent reaches it. */
export { git, GitError } from './git.js';
export { GitRepository, type BranchChange, type ConfigRepository } from './repository.js';
export { HELD_RESULT, type HeldVerification, type Standing, type VerifyInput } from './standing.js';
export { SocketError, SupervisorSocket } from './supervisor-socket.js';
