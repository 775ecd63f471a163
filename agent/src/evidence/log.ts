import { createHash } from 'node:crypto';
import { closeSync, constants, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';

/** One line. */
export interface EvidenceRecord {
  /** Counts from 1. */
  readonly n: number;
  /** SHA-256 of the line before, without its end; of the first, 64 zeros. A changed line is noticed by the next one. */
  readonly prev: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly incident: string;
  /** What was done, as one word. */
  readonly step: string;
  /** What came of it. */
  readonly output: unknown;
}

/** The file is damaged, or is none of ours. */
export class EvidenceError extends Error {
  override readonly name = 'EvidenceError';
}

const LINE_BYTES_MAX = 1024 * 1024;
const FILE_BYTES_MAX = 256 * 1024 * 1024;
/** Every line is on disk when its write returns: under Node's permission model nobody may call fdatasync. */
const APPENDED = constants.O_RDWR | constants.O_CREAT | constants.O_APPEND | constants.O_DSYNC;
const FIRST = '0'.repeat(64);

/** Append-only, and synced before a step counts as done. One process writes it. */
export class EvidenceLog {
  private constructor(
    private readonly fd: number,
    private readonly kept: EvidenceRecord[],
    private bytes: number,
    private prev: string,
    /** Bytes of a line that was cut off by a crash, and were taken away. */
    readonly tornBytes: number,
  ) {}

  /** Opens or creates it. A line that was cut off at the end is taken away. Throws EvidenceError for damage. */
  static open(path: string): EvidenceLog {
    const fd = openSync(path, APPENDED, 0o600);
    try {
      const { records, bytes, torn, prev } = parse(readFileSync(path), path);
      if (torn > 0) ftruncateSync(fd, bytes);
      return new EvidenceLog(fd, records, bytes, prev, torn);
    } catch (error) {
      closeSync(fd);
      throw error;
    }
  }

  get records(): readonly EvidenceRecord[] {
    return this.kept;
  }

  append(at: number, incident: string, step: string, output: unknown): EvidenceRecord {
    const n = this.kept.length + 1;
    const line = JSON.stringify({ n, prev: this.prev, at, incident, step, output });
    const bytes = Buffer.from(`${line}\n`);
    if (bytes.length > LINE_BYTES_MAX)
      throw new EvidenceError(
        `step ${step} of ${incident} has ${bytes.length} bytes of evidence; at most ${LINE_BYTES_MAX} are kept`,
      );
    if (this.bytes + bytes.length > FILE_BYTES_MAX)
      throw new EvidenceError(
        `the evidence would have more than ${FILE_BYTES_MAX} bytes: move the file away`,
      );
    for (let written = 0; written < bytes.length;) written += writeSync(this.fd, bytes, written);
    this.bytes += bytes.length;
    this.prev = digest(line);
    // As it will be read: what JSON cannot say is gone here as well.
    const record = JSON.parse(line) as EvidenceRecord;
    this.kept.push(record);
    return record;
  }

  close(): void {
    closeSync(this.fd);
  }
}

/** All records of a file that somebody else may be writing. Throws EvidenceError for damage. */
export function readEvidence(path: string): readonly EvidenceRecord[] {
  return parse(readFileSync(path), path).records;
}

function parse(
  content: Buffer,
  path: string,
): { records: EvidenceRecord[]; bytes: number; torn: number; prev: string } {
  const end = content.lastIndexOf(0x0a) + 1;
  const lines =
    end === 0
      ? []
      : content
          .subarray(0, end - 1)
          .toString()
          .split('\n');
  let prev = FIRST;
  const records = lines.map((line, at) => {
    const record = recordOf(line, at + 1, prev, path);
    prev = digest(line);
    return record;
  });
  return { records, bytes: end, torn: content.length - end, prev };
}

function recordOf(line: string, n: number, prev: string, path: string): EvidenceRecord {
  const wrong = (what: string): EvidenceError => {
    return new EvidenceError(
      `${path}, line ${n}: ${what}. Nothing is written to a file that was changed: move it away.`,
    );
  };
  let record: Partial<EvidenceRecord> | null;
  try {
    record = JSON.parse(line) as Partial<EvidenceRecord> | null;
  } catch {
    throw wrong('no JSON');
  }
  const { at, incident, step } = record ?? {};
  if (typeof incident !== 'string' || typeof step !== 'string' || !Number.isSafeInteger(at))
    throw wrong('no record');
  if (record?.n !== n) throw wrong(`it says that it is line ${String(record?.n)}`);
  if (record.prev !== prev) throw wrong('the line before it is not the one that it was written behind');
  return record as EvidenceRecord;
}

function digest(line: string): string {
  return createHash('sha256').update(line).digest('hex');
}
