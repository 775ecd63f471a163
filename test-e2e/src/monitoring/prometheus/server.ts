import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

import { eventually } from '../../harness/clock.js';
import type { Guardian } from '../../harness/guardian.js';
import { freePorts } from '../../harness/ports.js';

const READY_MS = 30_000;
const ANSWER_MS = 10_000;
const STOP_MS = 10_000;
const SAID_MAX = 20_000;

export type Labels = Readonly<Record<string, string>>;

/** A series with its numbers; those that are none (NaN) are left out. */
export interface Found {
  readonly labels: Labels;
  readonly values: readonly number[];
}

export interface ActiveAlert {
  readonly labels: Labels;
  readonly state: 'pending' | 'firing';
}

type Sample = readonly [number, string];
interface Series {
  readonly metric: Labels;
  readonly value?: Sample;
  readonly values?: readonly Sample[];
}

/** A Prometheus on a loopback port, with its data beneath the folder of the run. */
export class PrometheusServer {
  readonly #child: ChildProcess;
  #said = '';

  private constructor(
    readonly url: string,
    child: ChildProcess,
  ) {
    this.#child = child;
    child.once('error', (error) => (this.#said += String(error)));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#said = (this.#said + text).slice(-SAID_MAX);
    });
  }

  static async start(
    program: string,
    config: string,
    folder: string,
    guardian: Guardian,
  ): Promise<PrometheusServer> {
    const address = `127.0.0.1:${await freePorts(1)}`;
    const child = spawn(
      program,
      [
        `--config.file=${config}`,
        `--storage.tsdb.path=${join(folder, 'data')}`,
        `--web.listen-address=${address}`,
        '--log.level=warn',
      ],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
    if (child.pid !== undefined) guardian.watch(child.pid);
    const server = new PrometheusServer(`http://${address}`, child);
    await eventually('Prometheus ready', READY_MS, () => server.#isReady());
    return server;
  }

  /** What a query gives at this moment. */
  async query(expr: string): Promise<readonly Found[]> {
    const { result } = await this.#ask<{ result: readonly Series[] }>('query', { query: expr });
    return result.map(foundOf);
  }

  /** What it gives at each step of a time, as a panel asks. Times are seconds since 1970. */
  async queryRange(expr: string, from: number, to: number, step: number): Promise<readonly Found[]> {
    const times = { start: String(from), end: String(to), step: String(step) };
    const { result } = await this.#ask<{ result: readonly Series[] }>('query_range', {
      query: expr,
      ...times,
    });
    return result.map(foundOf);
  }

  /** Those that fire, and those that wait for their `for`. */
  async alerts(): Promise<readonly ActiveAlert[]> {
    return (await this.#ask<{ alerts: readonly ActiveAlert[] }>('alerts', {})).alerts;
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    const hard = setTimeout(() => this.#child.kill('SIGKILL'), STOP_MS);
    await gone;
    clearTimeout(hard);
  }

  async #isReady(): Promise<true | undefined> {
    if (this.#child.exitCode !== null || this.#child.pid === undefined)
      throw new Error(`Prometheus did not start:\n${this.#said}`);
    const answer = await fetch(`${this.url}/-/ready`).catch(() => undefined);
    return answer?.ok === true ? true : undefined;
  }

  async #ask<T>(what: string, parameters: Readonly<Record<string, string>>): Promise<T> {
    const answer = await fetch(`${this.url}/api/v1/${what}?${new URLSearchParams(parameters).toString()}`, {
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    const body = (await answer.json()) as { status: string; error?: string; data: T };
    if (body.status === 'success') return body.data;
    throw new Error(`Prometheus refuses ${parameters['query'] ?? what}: ${body.error ?? answer.status}`);
  }
}

function foundOf({ metric, value, values }: Series): Found {
  const samples = values ?? (value === undefined ? [] : [value]);
  const numbers = samples.map(([, text]) => Number(text)).filter((each) => !Number.isNaN(each));
  return { labels: metric, values: numbers };
}
