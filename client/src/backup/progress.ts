const REFRESH_MS = 200;
const LINE_MS = 10_000;
const MEBIBYTE = 1024 * 1024;

/** Says on stderr how far a transfer has come: on a terminal one line kept up to date, else a line now and then. */
export class Progress {
  private readonly beganMs = performance.now();
  private shownMs = this.beganMs;
  private painted = false;

  constructor(
    private readonly what: string,
    private readonly output: NodeJS.WriteStream = process.stderr,
  ) {}

  get seconds(): number {
    return (performance.now() - this.beganMs) / 1_000;
  }

  update(bytes: number): void {
    const nowMs = performance.now();
    if (nowMs - this.shownMs < (this.output.isTTY ? REFRESH_MS : LINE_MS)) return;
    this.shownMs = nowMs;
    const size = (bytes / MEBIBYTE).toFixed(1);
    const rate = (bytes / MEBIBYTE / this.seconds).toFixed(1);
    const line = `${this.what}: ${size} MiB, ${rate} MiB/s`;
    this.painted = this.output.isTTY;
    this.output.write(this.output.isTTY ? `\r${line}\x1b[K` : `${line}\n`);
  }

  end(): void {
    if (this.painted) this.output.write('\r\x1b[K');
  }
}
