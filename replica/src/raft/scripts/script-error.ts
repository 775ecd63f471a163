/** The script itself is wrong: an unknown command, a bad argument, a member that does not exist. */
export class ScriptError extends Error {
  override readonly name = 'ScriptError';
}

/** A command could not do what it was asked: a result, printed like any other. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure';
}
