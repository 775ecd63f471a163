import { eventually } from './clock.js';
import type { Guardian } from './guardian.js';
import { REPLICA_PROGRAM } from './programs.js';
import { Spawned } from './spawned.js';

/** As the bootstrap record lists it. */
export interface MemberAddress {
  readonly id: number;
  readonly name: string;
  readonly peerAddress: string;
  readonly clientAddress: string;
  readonly metricsAddress: string;
}

/** One member of a cluster under the test's own control. */
export class Replica {
  member: MemberAddress;
  /** What the next start runs. */
  program = REPLICA_PROGRAM;
  readonly dataPath: string;
  readonly #guardian: Guardian;
  readonly #flags: readonly string[];
  readonly #lives: Spawned[] = [];

  constructor(guardian: Guardian, member: MemberAddress, dataPath: string, flags: readonly string[]) {
    this.#guardian = guardian;
    this.member = member;
    this.dataPath = dataPath;
    this.#flags = flags;
  }

  get id(): number {
    return this.member.id;
  }

  /** The cluster has given it this id. */
  became(id: number): void {
    this.member = { ...this.member, id };
  }

  /** The process that runs it, or ran it last. */
  get process(): Spawned {
    const last = this.#lives.at(-1);
    if (last === undefined) throw new Error(`${this.member.name} was never started`);
    return last;
  }

  get running(): boolean {
    return this.#lives.at(-1)?.running ?? false;
  }

  /** Starts it, whether it will run or refuse. */
  start(extraFlags: readonly string[] = []): Spawned {
    const argv = [this.program, 'start', '--data', this.dataPath, ...this.#flags, ...extraFlags];
    const life = new Spawned(this.#guardian, `${this.member.name} life ${this.#lives.length + 1}`, argv);
    this.#lives.push(life);
    return life;
  }

  signal(name: NodeJS.Signals): void {
    this.process.signal(name);
  }

  /** kill -9; resolves when the process is gone. */
  async kill(): Promise<void> {
    if (!this.running) return;
    this.signal('SIGKILL');
    await this.process.ended;
  }

  get(path: '/metrics' | '/livez' | '/readyz' | '/member' | `/locks?${string}`): Promise<Response> {
    return fetch(`http://${this.member.metricsAddress}${path}`, { signal: AbortSignal.timeout(5_000) });
  }

  /** Waits until it knows a leader and has caught up with what was committed when it started. */
  ready(withinMs = 15_000): Promise<true> {
    const { name } = this.member;
    return eventually(`${name} being ready`, withinMs, async () => {
      if (!this.running) throw new Error(`${name} is not running:\n${this.process.tail()}`);
      const answer = await this.get('/readyz').catch(() => undefined);
      return answer?.ok === true ? true : undefined;
    });
  }

  /** Of every life, as far as it was kept. */
  everythingSaid(): string {
    return this.#lives
      .map(({ name, stdout, stderr }) => [`=== ${name}`, ...stdout, ...stderr, ''].join('\n'))
      .join('');
  }

  /** Waits until it serves the nonce of its empty folder. */
  joining(withinMs = 15_000): Promise<string> {
    const { name } = this.member;
    return eventually(`${name} waiting to be added`, withinMs, async () => {
      if (!this.running) throw new Error(`${name} is not running:\n${this.process.tail()}`);
      const answer = await this.get('/member').catch(() => undefined);
      const said = (await answer?.json()) as { state: string; nonce: string } | undefined;
      return said?.state === 'joining' ? said.nonce : undefined;
    });
  }

  tail(): string {
    return this.#lives
      .slice(-2)
      .map((life) => life.tail())
      .join('\n');
  }
}
