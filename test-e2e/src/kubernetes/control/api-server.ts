import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

import type { Machine } from '../machines/machine.js';
import type { Service } from '../machines/service.js';

const START_MS_MAX = 120_000;
const run = promisify(execFile);

/** The API server, and what can befall it. */
export class ApiServer {
  #service: Service | undefined;
  #slow: NodeJS.Timeout | undefined;

  constructor(
    readonly machine: Machine,
    readonly log: string,
    readonly kubectl: string,
    readonly kubeconfig: string,
    readonly argv: readonly string[],
  ) {}

  /** Starts it and waits until it says that it is ready. */
  async start(): Promise<void> {
    this.#service = await this.machine.start('kube-apiserver', this.argv, this.log);
    await this.#service.until('says that it is ready', START_MS_MAX, () => this.#ready());
  }

  async kill(): Promise<void> {
    this.atFullSpeed();
    await this.#service?.kill();
  }

  async restart(): Promise<void> {
    await this.kill();
    await this.start();
  }

  /** Away for a while: killed, and started again after `ms`. */
  async away(ms: number): Promise<void> {
    await this.kill();
    await sleep(ms);
    await this.start();
  }

  /** It hangs: connections are taken and nothing is answered, until `resume`. */
  pause(): void {
    this.#service?.signal('SIGSTOP');
  }

  resume(): void {
    this.#service?.signal('SIGCONT');
  }

  /** It stands still for `pauseMs` after every `runMs`, until `atFullSpeed`. */
  slow(pauseMs: number, runMs = 20): void {
    this.atFullSpeed();
    const pause = (): void => {
      this.pause();
      this.#slow = setTimeout(resume, pauseMs);
    };
    const resume = (): void => {
      this.resume();
      this.#slow = setTimeout(pause, runMs);
    };
    pause();
  }

  atFullSpeed(): void {
    clearTimeout(this.#slow);
    this.#slow = undefined;
    this.resume();
  }

  async #ready(): Promise<true | undefined> {
    const ask = ['--kubeconfig', this.kubeconfig, '--request-timeout=2s', 'get', '--raw', '/readyz'];
    return run(this.kubectl, ask).then(
      () => true,
      () => undefined,
    );
  }
}
