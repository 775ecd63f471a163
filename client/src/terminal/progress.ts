import { plain } from './plain.js';
import { columnsOf, type Sized } from './size.js';

/** What is over sooner needs no word. Milliseconds. */
const QUIET_MS = 500;
const REFRESH_MS = 125;
/** Where nothing can be painted over: the first line, and those after it. */
const FIRST_LINE_MS = 2_000;
const NEXT_LINES_MS = 10_000;
const SPINNER = '|/-\\';
const BAR_COLUMNS = 20;
const CLEAR_LINE = '\r\x1b[K';

/** Where it is written: the standard error, so that it never mixes with results. */
export interface ProgressOutput extends Sized {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/**
 * Says how far something has come that takes a while: on a terminal one line kept up to date, else a line now and then. Nothing is said
 * of what is over at once.
 */
export class Progress {
  #what: string;
  #beganMs = performance.now();
  #phaseMs = this.#beganMs;
  #expectedMs: number | undefined;
  #share: number | undefined;
  #detail = '';
  #turn = 0;
  #painted = false;
  #dueMs: number;
  readonly #terminal: boolean;
  readonly #timer: NodeJS.Timeout;

  /** @param expectedMs how long it takes, if that is known: there is a bar then */
  constructor(
    what: string,
    expectedMs?: number,
    private readonly output: ProgressOutput = process.stderr,
  ) {
    this.#what = what;
    this.#expectedMs = expectedMs;
    this.#terminal = output.isTTY === true && process.env['TERM'] !== 'dumb';
    this.#dueMs = this.#terminal ? QUIET_MS : FIRST_LINE_MS;
    this.#timer = setInterval(() => this.#tick(), REFRESH_MS);
    this.#timer.unref();
  }

  /** Since it began. */
  get seconds(): number {
    return (performance.now() - this.#beganMs) / 1_000;
  }

  /** Something else is done from here on. */
  phase(what: string, expectedMs?: number): void {
    this.#what = what;
    this.#expectedMs = expectedMs;
    this.#share = undefined;
    this.#detail = '';
    this.#phaseMs = performance.now();
  }

  /** How far it has come. @param share from 0 to 1 */
  update({ share, detail }: { readonly share?: number; readonly detail?: string }): void {
    if (share !== undefined) this.#share = share;
    if (detail !== undefined) this.#detail = detail;
  }

  /** Something that happened, which stays to be read. */
  line(text: string): void {
    this.#clear();
    this.output.write(`${plain(text)}\n`);
    // It was a sign of life.
    if (!this.#terminal) this.#dueMs = Math.max(this.#dueMs, this.#elapsedMs + NEXT_LINES_MS);
  }

  end(): void {
    clearInterval(this.#timer);
    this.#clear();
  }

  get #elapsedMs(): number {
    return performance.now() - this.#beganMs;
  }

  #tick(): void {
    if (this.#elapsedMs < this.#dueMs) return;
    const text = this.#text();
    if (this.#terminal) {
      const spinner = SPINNER[this.#turn++ % SPINNER.length];
      this.output.write(`${CLEAR_LINE}${plain(`${spinner} ${text}`, columnsOf(this.output) - 1)}`);
      this.#painted = true;
    } else {
      this.output.write(`${plain(text)}\n`);
      this.#dueMs += NEXT_LINES_MS;
    }
  }

  #text(): string {
    const seconds = `${Math.floor(this.seconds)} s`;
    const detail = this.#detail === '' ? '' : `, ${this.#detail}`;
    const share = this.#shareNow();
    if (share === undefined) return `${this.#what}: ${seconds}${detail}`;
    const percent = `${Math.floor(share * 100)} %`;
    if (!this.#terminal) return `${this.#what}: ${percent}, ${seconds}${detail}`;
    const filled = Math.round(share * BAR_COLUMNS);
    const bar = `[${'#'.repeat(filled)}${'.'.repeat(BAR_COLUMNS - filled)}]`;
    return `${this.#what} ${bar} ${percent}, ${seconds}${detail}`;
  }

  /** What was said, or else how much of the expected time is over; it is not done before it is done. */
  #shareNow(): number | undefined {
    const share =
      this.#expectedMs === undefined ? this.#share : (performance.now() - this.#phaseMs) / this.#expectedMs;
    return share === undefined ? undefined : Math.min(Math.max(share, 0), 0.99);
  }

  #clear(): void {
    if (this.#painted) this.output.write(CLEAR_LINE);
    this.#painted = false;
  }
}

/** Does something that may take a while, and says so; nothing is left on the screen afterwards. */
export async function withProgress<T>(
  what: string,
  work: (progress: Progress) => Promise<T>,
  expectedMs?: number,
): Promise<T> {
  const progress = new Progress(what, expectedMs);
  try {
    return await work(progress);
  } finally {
    progress.end();
  }
}

/** How much has been moved, and how fast. */
export function bytesMoved(bytes: number, seconds: number): string {
  const mebibytes = bytes / 1024 / 1024;
  return `${mebibytes.toFixed(1)} MiB, ${(mebibytes / Math.max(seconds, 0.001)).toFixed(1)} MiB/s`;
}
