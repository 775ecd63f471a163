import { eventually } from '../../harness/clock.js';
import type { Stage } from './case.js';

const KNOWN_MS_MAX = 30_000;

const PORT = 8080;
const LABELS = { app: 'web' };
/** Answers its pod's name, and keeps a count on its volume. */
const SERVER = `
const { appendFileSync } = require('node:fs');
appendFileSync('/data/starts', process.env.HOSTNAME + '\\n');
require('node:http').createServer((_, reply) => reply.end(process.env.HOSTNAME)).listen(${PORT});
process.on('SIGTERM', () => process.exit(0));
`;

/** What a pod has to say about itself under the restricted standard. */
export const RESTRICTED_POD = {
  runAsNonRoot: true,
  runAsUser: 65_532,
  runAsGroup: 65_532,
  seccompProfile: { type: 'RuntimeDefault' },
};
export const RESTRICTED_CONTAINER = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
};

/** A StatefulSet of pods that answer their names, spread over the nodes, each with a volume. */
export function web(image: string, replicas: number): readonly object[] {
  return [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web' },
      spec: { clusterIP: 'None', selector: LABELS, ports: [{ port: PORT }] },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'any' },
      spec: { selector: LABELS, ports: [{ port: 80, targetPort: PORT }] },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata: { name: 'web' },
      spec: {
        serviceName: 'web',
        replicas,
        podManagementPolicy: 'Parallel',
        selector: { matchLabels: LABELS },
        persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Delete', whenScaled: 'Retain' },
        volumeClaimTemplates: [
          {
            metadata: { name: 'data' },
            spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '100Mi' } } },
          },
        ],
        template: {
          metadata: { labels: LABELS },
          spec: {
            automountServiceAccountToken: false,
            terminationGracePeriodSeconds: 5,
            securityContext: RESTRICTED_POD,
            topologySpreadConstraints: [
              {
                maxSkew: 1,
                topologyKey: 'kubernetes.io/hostname',
                whenUnsatisfiable: 'ScheduleAnyway',
                labelSelector: { matchLabels: LABELS },
              },
            ],
            containers: [
              {
                name: 'web',
                image,
                imagePullPolicy: 'IfNotPresent',
                command: ['node', '-e', SERVER],
                ports: [{ containerPort: PORT }],
                readinessProbe: { tcpSocket: { port: PORT }, periodSeconds: 1 },
                securityContext: RESTRICTED_CONTAINER,
                volumeMounts: [{ name: 'data', mountPath: '/data' }],
              },
            ],
          },
        },
      },
    },
  ];
}

export interface Pod {
  readonly metadata: { readonly name: string; readonly uid: string };
  readonly spec: { readonly nodeName?: string };
  readonly status: {
    readonly podIP?: string;
    readonly phase: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
}

export async function pods({ kubectl, namespace }: Stage, labels = 'app=web'): Promise<readonly Pod[]> {
  const { items } = await kubectl.get<{ items: Pod[] }>(
    'pods',
    `--namespace=${namespace}`,
    `--selector=${labels}`,
  );
  return items;
}

/** Applies it, and waits until all its pods are ready. */
export async function startWeb(stage: Stage, replicas: number, withinSeconds = 90): Promise<readonly Pod[]> {
  const { kubectl, namespace, image } = stage;
  await kubectl.apply(web(image, replicas), `--namespace=${namespace}`);
  const rollout = ['rollout', 'status', 'statefulset/web', `--timeout=${withinSeconds}s`];
  const { status, stderr } = await kubectl.try([...rollout, `--namespace=${namespace}`]);
  if (status !== 0) {
    const events = await kubectl.run('get', 'events', `--namespace=${namespace}`, '--sort-by=.lastTimestamp');
    throw new Error(`the pods are not ready: ${stderr.trim()}\n${events.split('\n').slice(-15).join('\n')}`);
  }
  return pods(stage);
}

/** What a pod answers to another; undefined if there is no connection within two seconds. */
export async function ask(stage: Stage, from: string, address: string): Promise<string | undefined> {
  const script = `fetch('http://${address}', { signal: AbortSignal.timeout(2000) }).then((r) => r.text()).then(
    (text) => process.stdout.write(text), () => process.exit(7))`;
  const { kubectl, namespace } = stage;
  const argv = ['exec', from, `--namespace=${namespace}`, '--', 'node', '-e', script];
  const { status, stdout, stderr } = await kubectl.try(argv);
  if (status !== 0 && status !== 7) throw new Error(`kubectl exec in ${from}: ${stderr.trim()}`);
  return status === 0 ? stdout : undefined;
}

/** What a ready pod or its service answers to another: names and routes follow readiness a moment later. */
export function answerOf(stage: Stage, from: string, address: string): Promise<string> {
  return eventually(`${from} reaching ${address}`, KNOWN_MS_MAX, () => ask(stage, from, address), 200);
}

/** Waits until `from` gets an answer from `address`, or gets none. */
export async function untilAsked(
  stage: Stage,
  from: string,
  address: string,
  answers: boolean,
  withinMs: number,
): Promise<void> {
  await eventually(
    `${from} ${answers ? 'reaching' : 'not reaching'} ${address}`,
    withinMs,
    async () => (((await ask(stage, from, address)) === undefined) === answers ? undefined : true),
    200,
  );
}
