import type { Instant } from '../clock/clock.js';

/** What lives on a connection besides its operations. */
export interface Resident {
  /** A stream was opened in place of another: what only the old one knew must be said again. */
  onStreamChange(): void;
  /** Time has passed; the first turn after a pause of the process or the machine is one of these. */
  onTick(now: Instant): void;
}
