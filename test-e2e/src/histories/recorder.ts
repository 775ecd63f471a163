import type { AegisError } from '@aegis/client';
import { createWriteStream, type WriteStream } from 'node:fs';
import { once } from 'node:events';

/** `fail`: certainly without effect. `unknown`: it may have taken effect, or may yet. */
export type Outcome = 'ok' | 'fail' | 'unknown';

export interface Recorded {
  readonly client: number;
  readonly op: string;
  /** What is checked together: a group of keys, a lock, an election, a lease. */
  readonly key: string;
  readonly input: object;
}

/** The one clock of all clients: this machine's monotonic one, in nanoseconds from the beginning of the run. */
const BEGAN = process.hrtime.bigint();
export function nowNs(): number {
  return Number(process.hrtime.bigint() - BEGAN);
}

/** Lines of JSON in a file. */
export class NdjsonFile {
  readonly #stream: WriteStream;
  #lines = 0;

  constructor(path: string) {
    this.#stream = createWriteStream(path);
  }

  get lines(): number {
    return this.#lines;
  }

  add(line: object): void {
    this.#lines++;
    this.#stream.write(`${JSON.stringify(line)}\n`);
  }

  async close(): Promise<void> {
    this.#stream.end();
    await once(this.#stream, 'close');
  }
}

/** Writes down what every client did and what it was told. */
export class Recorder {
  readonly counts: Record<Outcome, number> = { ok: 0, fail: 0, unknown: 0 };
  readonly failures = new Map<string, number>();
  readonly #file: NdjsonFile;

  constructor(path: string) {
    this.#file = new NdjsonFile(path);
  }

  get operations(): number {
    return this.#file.lines;
  }

  /**
   * Makes a call and writes it down.
   * @param outputOf what of the answer is written
   * @returns the answer; undefined: it failed, or nobody knows
   */
  async call<T>(
    what: Recorded,
    make: () => Promise<T>,
    outputOf: (answer: T) => object,
  ): Promise<T | undefined> {
    const callNs = nowNs();
    try {
      const answer = await make();
      this.add(what, callNs, 'ok', outputOf(answer));
      return answer;
    } catch (error) {
      this.failed(what, callNs, error);
      return undefined;
    }
  }

  failed(what: Recorded, callNs: number, error: unknown): void {
    const { code, definite } = error as Partial<AegisError>;
    // Whatever is no error of the table is a defect of this program or of the client.
    if (definite === undefined) throw error;
    this.failures.set(code!, (this.failures.get(code!) ?? 0) + 1);
    this.add(what, callNs, definite ? 'fail' : 'unknown', { error: code });
  }

  add(what: Recorded, callNs: number, outcome: Outcome, output: object, returnNs = nowNs()): void {
    this.counts[outcome]++;
    this.#file.add({ ...what, output, call_ns: callNs, return_ns: returnNs, outcome });
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}
