import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync } from 'node:fs';
import { lastLine, openLog } from './log-file.js';
import { identify, signal, type ProcessIdentity } from './process-identity.js';

/** Exit statuses after which a restart would only fail again: wrong configuration, refused data. */
const FINAL_STATUSES = new Map([
  [64, 'its configuration is wrong'],
  [65, 'its data folder is refused'],
  [66, 'it was removed from the cluster'],
  [67, 'its state is not that of its cluster'],
]);
/** The pause before a restart, in milliseconds; doubled with each quick death, up to the second. */
const RESTART_MS_MIN = 250;
const RESTART_MS_MAX = 10_000;
/** Whoever lived this long starts again with the shortest pause, in milliseconds. */
const SETTLED_MS = 30_000;

export interface MemberEvents {
  /** Another process runs it now. */
  onProcess(name: string, process: ProcessIdentity): void;
  /** For people. */
  onLine(line: string): void;
}

export interface MemberCommand {
  readonly arguments: readonly string[];
  readonly logPath: string;
  readonly restart: boolean;
  /** As whom it runs; left out: as this process. */
  readonly uid?: number | undefined;
  /** Its whole environment; left out: that of this process. */
  readonly env?: Readonly<Record<string, string>> | undefined;
}

/** The process of a member, or of the agent, started again when it dies. */
export class MemberProcess {
  private child: ChildProcess | undefined;
  private identity: ProcessIdentity | undefined;
  private timer: NodeJS.Timeout | undefined;
  private startedMs = 0;
  private quickDeaths = 0;
  private stopping = false;

  constructor(
    readonly member: { readonly name: string },
    private readonly command: MemberCommand,
    private readonly events: MemberEvents,
  ) {}

  /** It has ended and will not be started again. */
  get ended(): boolean {
    return this.child === undefined && this.timer === undefined;
  }

  start(): void {
    this.timer = undefined;
    const { uid, env } = this.command;
    const log = openLog(this.command.logPath);
    // A process group of its own: Ctrl-C reaches the supervisor alone, which stops the replicas in good order.
    const child = spawn(process.execPath, [...this.command.arguments], {
      detached: true,
      stdio: ['ignore', log, log],
      ...(uid === undefined ? {} : { uid, gid: uid }),
      ...(env === undefined ? {} : { env: { ...env } }),
    });
    closeSync(log);
    this.child = child;
    this.startedMs = performance.now();
    child.once('error', (error) => this.onEnd(`could not be started: ${error.message}`, undefined));
    child.once('exit', (code, by) =>
      this.onEnd(by === null ? `exited with ${code}` : `was killed by ${by}`, code),
    );
    this.identity = child.pid === undefined ? undefined : identify(child.pid);
    if (this.identity !== undefined) this.events.onProcess(this.member.name, this.identity);
  }

  /** Asks it to stop, and ends it if it has not within the given time, in milliseconds. */
  async stop(patienceMs: number): Promise<void> {
    this.stopping = true;
    if (this.timer !== undefined) clearTimeout(this.timer);
    const { child, identity } = this;
    if (child === undefined || identity === undefined) return;
    await new Promise<void>((resolve) => {
      const escalate = setTimeout(() => {
        this.events.onLine(`${this.member.name} did not stop in ${patienceMs / 1_000} s: killed`);
        signal(identity, 'SIGKILL');
      }, patienceMs);
      child.once('exit', () => {
        clearTimeout(escalate);
        resolve();
      });
      signal(identity, 'SIGTERM');
      // A process that was paused for a test could not even hear it.
      signal(identity, 'SIGCONT');
    });
  }

  /** Stops it, if it runs, and starts it anew; a pause before a restart ends now. */
  async restart(patienceMs: number): Promise<void> {
    await this.stop(patienceMs);
    this.stopping = false;
    this.quickDeaths = 0;
    this.start();
  }

  private onEnd(how: string, status: number | null | undefined): void {
    if (this.child === undefined) return;
    this.child = undefined;
    if (this.stopping) return;
    const { name } = this.member;
    const said = lastLine(this.command.logPath);
    const why = said === undefined || status === null ? '' : `: ${said}`;
    const final = FINAL_STATUSES.get(status ?? -1);
    if (final !== undefined) {
      this.events.onLine(`${name} ${how}, ${final} and it is not started again${why}`);
    } else if (!this.command.restart) {
      this.events.onLine(`${name} ${how}, and is not started again (--no-restart)${why}`);
    } else {
      const pauseMs = this.nextPauseMs();
      this.events.onLine(`${name} ${how}, started again in ${pauseMs} ms${why}`);
      this.timer = setTimeout(() => this.start(), pauseMs);
    }
  }

  private nextPauseMs(): number {
    if (performance.now() - this.startedMs > SETTLED_MS) this.quickDeaths = 0;
    return Math.min(RESTART_MS_MAX, RESTART_MS_MIN * 2 ** this.quickDeaths++);
  }
}
