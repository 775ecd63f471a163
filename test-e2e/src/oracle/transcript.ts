import { InvariantViolation } from '@aegis/replica/raft';

/** Thrown to leave a schedule whose last call was answered by an assertion. */
export class ScheduleEnded extends Error {}

/** What a schedule called, and what our core did: a line a call, as the Go side reads and writes them. */
export class Transcript {
  calls = '';
  outcomes = '';
  steps = 0;
  /** Why our core ended the schedule, if it did. */
  note = '';

  /**
   * Does one call. An assertion of our core is an outcome, and the last one; any other exception is a bug whatever the
   * library does, and its outcome is one that the library cannot have.
   */
  record(act: () => string, call: () => string): void {
    this.steps++;
    try {
      const outcome = act();
      this.calls += `${call()}\n`;
      this.outcomes += `${outcome}\n`;
    } catch (error) {
      const asserted = error instanceof InvariantViolation;
      this.calls += `${call()}\n`;
      this.outcomes += asserted ? 'panic\n' : 'thrown\n';
      this.note = asserted ? error.message : String((error as Error).stack);
      throw new ScheduleEnded();
    }
  }
}
