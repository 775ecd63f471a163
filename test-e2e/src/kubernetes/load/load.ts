import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { eventually } from '../../harness/clock.js';
import type { Pod } from '../cases/web.js';
import { RESTRICTED_CONTAINER, RESTRICTED_POD } from '../cases/web.js';
import { expect, type Stage } from '../cases/case.js';
import type { Check, Report } from './program.js';

const PROGRAM = join(import.meta.dirname, 'program.js');
/** Beside the modules of the image, where it finds the client. */
const FOLDER = '/app/load';
const PORT = 9000;
const START_MS_MAX = 60_000;
const ANSWER_MS_MAX = 60_000;

/** Where a client belongs, and how it gets in. */
export interface LoadOf {
  readonly endpoints: readonly string[];
  /** A Secret with `ca.crt`, `tls.crt` and `tls.key`. */
  readonly secret: string;
  readonly namespace: string;
  readonly name?: string;
}

/** A client in a pod that writes all the time, holds a lock, and remembers what was acknowledged. */
export class Load {
  private constructor(
    private readonly stage: Stage,
    private readonly of: LoadOf,
    private readonly name: string,
  ) {}

  /** Starts it, and waits for its first acknowledged write and its lock. */
  static async start(stage: Stage, of: LoadOf): Promise<Load> {
    const load = new Load(stage, of, of.name ?? 'load');
    await stage.kubectl.apply(objects(load.name, of, stage.image), `--namespace=${of.namespace}`);
    await eventually('a client that writes and holds its lock', START_MS_MAX, async () => {
      const report = await load.report(0).catch(() => undefined);
      return report !== undefined && report.acknowledged > 0 && report.held.valid ? true : undefined;
    });
    return load;
  }

  /** @param sinceMs of the wall clock: what gaps and failures are looked for from */
  report(sinceMs: number): Promise<Report> {
    return this.#ask(`/report?since=${sinceMs}`);
  }

  /** Fails if anything acknowledged is missing, a token fell, or the lock was lost. */
  async expectNothingLost(): Promise<Check> {
    const check = await this.expectNoWriteLost();
    const { held } = await this.report(0);
    expect(held.valid, 'the client lost the lock that it held');
    return check;
  }

  /** The same where leases may have ended, because nothing was committed for longer than they last. */
  async expectNoWriteLost(): Promise<Check> {
    const check = await this.#ask<Check>('/check');
    expect(check.lost.length === 0, `acknowledged and lost: ${check.lost.slice(0, 5).join(', ')}`);
    const { tokens } = await this.report(0);
    expect(tokens.fell === 0, `${tokens.fell} fencing tokens were not larger than the one before`);
    return check;
  }

  /** Asks for a lease of its own. @returns what was wrong with that; empty: it was granted, and revoked again */
  async grant(ttlMs: number): Promise<string> {
    return (await this.#ask<{ refused: string }>(`/grant?ttl=${ttlMs}`)).refused;
  }

  async stop(): Promise<void> {
    const { namespace } = this.of;
    await this.stage.kubectl.run('delete', 'pod', this.name, `--namespace=${namespace}`, '--wait=false');
  }

  async #ask<T>(path: string): Promise<T> {
    const { kubectl, own } = this.stage;
    const { namespace } = this.of;
    if (own === undefined) {
      const through = `/api/v1/namespaces/${namespace}/pods/${this.name}:${PORT}/proxy${path}`;
      return JSON.parse(await kubectl.run('get', '--raw', through)) as T;
    }
    // Pods of a cluster of our own are reached from here, whether its API server answers or not.
    const url = `http://${await this.#address()}:${PORT}${path}`;
    const reply = await fetch(url, { signal: AbortSignal.timeout(ANSWER_MS_MAX) });
    const text = await reply.text();
    if (!reply.ok) throw new Error(`the client's pod answers ${reply.status}: ${text}`);
    return JSON.parse(text) as T;
  }

  #known: string | undefined;

  async #address(): Promise<string> {
    const { kubectl } = this.stage;
    this.#known ??= (
      await kubectl.get<Pod>('pod', this.name, `--namespace=${this.of.namespace}`)
    ).status.podIP;
    if (this.#known === undefined) throw new Error("the client's pod has no address yet");
    return this.#known;
  }
}

function objects(name: string, { endpoints, secret }: LoadOf, image: string): readonly object[] {
  return [
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name },
      data: { 'program.mjs': readFileSync(PROGRAM, 'utf8') },
    },
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, labels: { app: 'load' } },
      spec: {
        automountServiceAccountToken: false,
        terminationGracePeriodSeconds: 1,
        securityContext: RESTRICTED_POD,
        containers: [
          {
            name: 'load',
            image,
            imagePullPolicy: 'IfNotPresent',
            command: ['node', `${FOLDER}/program.mjs`],
            env: [{ name: 'AEGIS_ENDPOINTS', value: endpoints.join(',') }],
            securityContext: RESTRICTED_CONTAINER,
            volumeMounts: [
              { name: 'program', mountPath: FOLDER, readOnly: true },
              { name: 'tls', mountPath: '/tls', readOnly: true },
            ],
          },
        ],
        volumes: [
          { name: 'program', configMap: { name } },
          { name: 'tls', secret: { secretName: secret } },
        ],
      },
    },
  ];
}
