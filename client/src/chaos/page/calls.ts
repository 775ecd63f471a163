import { libraryNames, loadTrace } from '../library.js';
import { misfit } from '../local/misfit.js';
import type { ClusterFolder } from '../../supervisor/cluster-folder.js';
import { TraceRun, type RunState } from './trace-run.js';

/** A trace as the page offers it. */
export interface Offer {
  readonly name: string;
  readonly about: string;
  readonly durationMs: number;
  /** Why it cannot be run here. */
  readonly misfit?: string;
}

/** What the page may ask for goes wrong in these ways. */
export class CallError extends Error {
  constructor(
    readonly status: 400 | 404 | 409,
    message: string,
  ) {
    super(message);
  }
}

/** What the page does: it lists traces, and has one at a time happen to the cluster of a folder. */
export class ChaosCalls {
  private run: TraceRun | undefined;

  /** @param aegis how this command is started */
  constructor(
    private readonly folder: ClusterFolder,
    private readonly aegis: readonly [string, ...string[]],
  ) {}

  get state(): RunState | undefined {
    return this.run?.state;
  }

  offers(): Offer[] {
    const cluster = this.folder.read()!;
    return libraryNames()
      .map(loadTrace)
      .map((trace) => {
        const { name, about, durationMs } = trace;
        const why = misfit(trace, cluster);
        return { name, about, durationMs, ...(why !== undefined && { misfit: why }) };
      });
  }

  /** @param asked `{ trace: NAME }`. Throws CallError. */
  start(asked: unknown): RunState {
    const name = nameOf(asked);
    if (!libraryNames().includes(name)) throw new CallError(404, `there is no trace ${JSON.stringify(name)}`);
    const why = misfit(loadTrace(name), this.folder.read()!);
    if (why !== undefined) throw new CallError(409, `${name}: ${why}`);
    if (this.run !== undefined && this.run.state.ended === undefined)
      throw new CallError(409, `${this.run.state.trace} runs: stop it first`);
    this.run = new TraceRun(name, [...this.aegis, 'chaos', 'run', name, '--dir', this.folder.path, '--json']);
    return this.run.state;
  }

  /** Throws CallError. */
  stop(): RunState {
    if (this.run === undefined || this.run.state.ended !== undefined)
      throw new CallError(409, 'no trace runs');
    this.run.stop();
    return this.run.state;
  }

  async close(): Promise<void> {
    await this.run?.over();
  }
}

function nameOf(asked: unknown): string {
  const name = (asked as { trace?: unknown } | null)?.trace;
  if (typeof name !== 'string' || name.length > 100) throw new CallError(400, 'give { "trace": NAME }');
  return name;
}
