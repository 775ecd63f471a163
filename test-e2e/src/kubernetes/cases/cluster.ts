import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { eventually } from '../../harness/clock.js';
import { ClusterAuthority } from '../control/authority.js';
import { Load } from '../load/load.js';
import { seconds } from '../progress.js';
import { type Case, expect, type Stage } from './case.js';
import { bootstrapRecord, certificates, clientPod, hostOf, podName, PORTS, replicas } from './replicas.js';

const REPLICAS = 5;
const READY_MS_MAX = 120_000;
/** Without a leader, as a client of a cluster whose leader was killed sees it. */
const GAP_MS_MAX = 3_000;
const SETTLED_MS = 8_000;

interface Pod {
  readonly metadata: { readonly name: string };
  readonly status: {
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
}

interface Status {
  readonly leader: number | string | null;
  readonly members: readonly unknown[];
}

/** What the operator will do, done by hand: the image, the volumes, the names and the certificates work together. */
export const replicasBecomeACluster: Case = {
  name: 'five replicas in restricted pods become a cluster with mutual TLS, which keeps what was written when its leader pod is killed',
  skip: ({ own }) =>
    own === undefined ? 'the certificates are made beside a cluster of our own' : undefined,
  async run(stage) {
    const { kubectl, image, namespace, own } = stage;
    const here = `--namespace=${namespace}`;
    const folder = join(own!.folder, namespace);
    mkdirSync(folder);
    const authority = await ClusterAuthority.create(folder);
    await kubectl.apply(await certificates(authority, REPLICAS, namespace), here);
    await kubectl.apply([clientPod(image), ...replicas(image, REPLICAS, 'prepare')], here);
    const nonces = await Promise.all(podNames().map((pod) => nonceOf(stage, pod)));

    const startMs = performance.now();
    const record = JSON.stringify(bootstrapRecord(nonces, namespace));
    const metadata = { name: 'bootstrap' };
    await kubectl.apply(
      [{ apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { 'record.json': record } }],
      here,
    );
    await kubectl.apply(replicas(image, REPLICAS, 'start'), here);
    await kubectl.run('delete', 'pod', ...podNames(), here);
    await eventually(`${REPLICAS} replicas ready`, READY_MS_MAX, () => allReady(stage), 250);
    stage.note(`ready ${seconds(performance.now() - startMs)} after their record was there`);

    await aegis(stage, 'kv', 'put', 'greeting', 'hello');
    const status = JSON.parse(await aegis(stage, 'status', '--json')) as Status;
    expect(status.members.length === REPLICAS, `the cluster says ${JSON.stringify(status)}`);
    const leader = podName(Number(status.leader) - 1);
    const endpoints = podNames().map((_, index) => `${hostOf(index, namespace)}:${PORTS.client}`);
    const load = await Load.start(stage, { endpoints, secret: 'admin-tls', namespace });
    const killedMs = Date.now();
    await kubectl.run('delete', 'pod', leader, '--grace-period=0', '--force', here);
    await sleep(SETTLED_MS);
    const { longestGap, failures } = await load.report(killedMs);
    stage.note(
      `${leader}, which led, was killed; ${longestGap.ms} ms without an acknowledged write, errors: ${failures.length}`,
    );
    expect(longestGap.ms < GAP_MS_MAX, `${longestGap.ms} ms without an acknowledged write`);
    expect(failures.length === 0, JSON.stringify(failures[0]));
    const { acknowledged } = await load.expectNothingLost();
    stage.note(`${acknowledged} acknowledged writes are there, the lock is still held`);
    expect((await aegis(stage, 'kv', 'get', 'greeting')).includes('hello'), 'what was written is gone');
    await eventually(`${REPLICAS} replicas ready again`, READY_MS_MAX, () => allReady(stage), 250);
  },
};

const podNames = (): readonly string[] => Array.from({ length: REPLICAS }, (_, index) => podName(index));

async function nonceOf({ kubectl, namespace }: Stage, pod: string): Promise<string> {
  return eventually(
    `the nonce of ${pod}`,
    READY_MS_MAX,
    async () => {
      const { stdout } = await kubectl.try(['logs', pod, `--namespace=${namespace}`]);
      return /\{"nonce":"([0-9a-f]+)"\}/.exec(stdout)?.[1];
    },
    250,
  );
}

async function allReady({ kubectl, namespace }: Stage): Promise<true | undefined> {
  const { items } = await kubectl.get<{ items: Pod[] }>(
    'pods',
    `--namespace=${namespace}`,
    '--selector=app=replicas',
  );
  const ready = items.filter(({ status }) =>
    status.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True'),
  );
  return items.length === REPLICAS && ready.length === REPLICAS ? true : undefined;
}

/** The `aegis` command in the client's pod. */
function aegis({ kubectl, namespace }: Stage, ...argv: readonly string[]): Promise<string> {
  const endpoints = podNames().map((_, index) => `${hostOf(index, namespace)}:${PORTS.client}`);
  const flags = ['--endpoints', endpoints.join(','), '--tls', '/tls'];
  return kubectl.run('exec', 'client', `--namespace=${namespace}`, '--', 'aegis', ...flags, ...argv);
}
