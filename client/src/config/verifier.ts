import { spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { lastLine, openLog } from '../supervisor/log-file.js';
import { SocketError } from './errors.js';
import { HELD_RESULT, type HeldVerification, type VerifyInput } from './standing.js';
import type { VerificationState } from './supervisor-socket.js';

const DEADLINE_MS = 600_000;
const WITHIN_AN_HOUR = 6;
const HOUR_MS = 3_600_000;
const WAITING_MAX = 8;
const ANSWER_BYTES_MAX = 16 * 1024;

export interface VerifierOptions {
  /** Where questions and answers are kept. */
  readonly folder: string;
  /** The verifier's program; undefined: none is installed. */
  readonly program: string | undefined;
  readonly deadlineMs?: number;
  /** Monotonic milliseconds. */
  readonly clock?: () => number;
}

/** The verifier of the simulator, where it was built; undefined: there is none here. */
export function verifierProgram(): string | undefined {
  try {
    const simulator = fileURLToPath(import.meta.resolve('@aegis/sim'));
    const program = join(dirname(simulator), 'verify', 'main.js');
    return existsSync(program) ? program : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Runs verifications as processes of their own: one at a time, at most six an hour, ten minutes each, and not before the replicas on this
 * machine. A question has one answer: asked again it is not run again, also not after a restart.
 */
export class Verifier {
  private readonly waiting: string[] = [];
  private running: { readonly digest: string; readonly child: ChildProcess } | undefined;
  private readonly began: number[] = [];
  private readonly timers = new Set<NodeJS.Timeout>();
  private stopped = false;

  constructor(private readonly options: VerifierOptions) {
    mkdirSync(options.folder, { recursive: true, mode: 0o700 });
  }

  async verify(input: VerifyInput): Promise<VerificationState> {
    if (this.options.program === undefined) return done(held('no verifier here'));
    const digest = createHash('sha256').update(JSON.stringify(input)).digest('hex').slice(0, 32);
    const answer = this.answerOf(digest);
    if (answer !== undefined) return done(answer);
    if (this.running?.digest === digest || this.waiting.includes(digest)) return { state: 'running' };
    if (this.waiting.length >= WAITING_MAX)
      throw new SocketError('TooMany', `${WAITING_MAX} verifications wait already: ask again later`);
    mkdirSync(this.path(digest), { recursive: true });
    writeFileSync(this.path(digest, 'input.json'), input.question);
    this.waiting.push(digest);
    this.next();
    return { state: 'running' };
  }

  /** Ends the one that runs; it begins anew when it is asked for again. */
  async stop(): Promise<void> {
    this.stopped = true;
    for (const timer of this.timers) clearTimeout(timer);
    const child = this.running?.child;
    if (child === undefined) return;
    await new Promise<void>((resolve) => {
      child.once('exit', () => resolve());
      kill(child);
    });
  }

  private next(): void {
    if (this.stopped || this.running !== undefined) return;
    const nowMs = (this.options.clock ?? performance.now.bind(performance))();
    while (this.began.length > 0 && this.began[0]! <= nowMs - HOUR_MS) this.began.shift();
    if (this.waiting.length === 0) return;
    if (this.began.length >= WITHIN_AN_HOUR) {
      this.after(this.began[0]! + HOUR_MS - nowMs, () => this.next());
      return;
    }
    this.began.push(nowMs);
    this.start(this.waiting.shift()!);
  }

  private start(digest: string): void {
    const [input, output, logPath] = ['input.json', 'output.new.json', 'log'].map((name) =>
      this.path(digest, name),
    ) as [string, string, string];
    const log = openLog(logPath);
    const child = spawn(process.execPath, [this.options.program!, '--input', input, '--output', output], {
      detached: true,
      stdio: ['ignore', log, log],
      env: { PATH: process.env['PATH'] ?? '' },
    });
    closeSync(log);
    this.running = { digest, child };
    if (child.pid !== undefined) humble(child.pid);
    const deadlineMs = this.options.deadlineMs ?? DEADLINE_MS;
    let late = false;
    const timer = this.after(deadlineMs, () => {
      late = true;
      kill(child);
    });
    const end = (how: string, fine: boolean): void => {
      if (this.running?.digest !== digest) return;
      this.running = undefined;
      clearTimeout(timer);
      this.timers.delete(timer);
      if (this.stopped) return;
      if (late) this.keep(digest, held(`the verification took more than ${deadlineMs / 1_000} s`));
      else if (fine) this.take(digest, output);
      else this.keep(digest, held(`the verifier ${how}: ${lastLine(logPath) ?? 'it said nothing'}`));
      this.next();
    };
    child.once('error', (error) => end(`could not be started: ${error.message}`, false));
    child.once('exit', (code, by) => end(`ended with ${by ?? `status ${code}`}`, code === 0));
  }

  private take(digest: string, output: string): void {
    try {
      const { size } = statSync(output);
      if (size > ANSWER_BYTES_MAX) throw new Error(`its answer has ${size} bytes`);
      const answer = JSON.parse(readFileSync(output, 'utf8')) as unknown;
      if (typeof answer !== 'object' || answer === null) throw new Error('its answer is no mapping');
      renameSync(output, this.path(digest, 'output.json'));
    } catch (error) {
      this.keep(digest, held(`the verifier left no answer: ${(error as Error).message}`));
    }
  }

  private keep(digest: string, answer: HeldVerification): void {
    writeFileSync(this.path(digest, 'output.new.json'), JSON.stringify(answer));
    renameSync(this.path(digest, 'output.new.json'), this.path(digest, 'output.json'));
  }

  private answerOf(digest: string): Readonly<Record<string, unknown>> | undefined {
    try {
      return JSON.parse(readFileSync(this.path(digest, 'output.json'), 'utf8')) as Record<string, unknown>;
    } catch {
      return undefined;
    }
  }

  private after(ms: number, work: () => void): NodeJS.Timeout {
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      work();
    }, ms);
    this.timers.add(timer);
    return timer;
  }

  private path(digest: string, ...name: string[]): string {
    return join(this.options.folder, digest, ...name);
  }
}

function done(result: Readonly<Record<string, unknown>> | HeldVerification): VerificationState {
  return { state: 'done', result };
}

function held(why: string): HeldVerification {
  return { result: HELD_RESULT, why };
}

/** A verification takes all cores; the replicas go before it. */
function humble(pid: number): void {
  try {
    setPriority(pid, constants.priority.PRIORITY_LOW);
  } catch {
    // It has ended already.
  }
}

/** The process group: a verifier may have started others. */
function kill(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    child.kill('SIGKILL');
  }
}
