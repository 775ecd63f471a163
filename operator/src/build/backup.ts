import type { AegisCluster } from '@aegis/crds';
import type { ObjectOf, RESOURCES } from '../kube/resource.js';
import { helperLabels, metadataOf, namesOf, PORTS } from './names.js';
import { pullSecretsOf } from './pull-secrets.js';
import { CONTAINER_SECURITY, POD_SECURITY } from './restricted.js';

type BackupSpec = NonNullable<AegisCluster['spec']['backup']>;

const FOLDERS = { files: '/backups', tls: '/etc/aegis/tls' };
/** The kubelet hands on what a container leaves there, up to 4 KiB. */
export const REPORT_FILE = '/dev/termination-log';
/** A run that takes longer is given up: the next one would wait for it. */
const RUN_SECONDS_MAX = 6 * 3_600;

/** Backups on a schedule: each run adds a file to the series in the claim, proves it, and deletes the oldest beyond `keep`. */
export function buildBackupCronJob(
  cluster: AegisCluster,
  { schedule, claimName, keep }: BackupSpec,
  memberImage: string,
): ObjectOf<typeof RESOURCES.cronJobs> {
  const { name, namespace } = cluster.metadata;
  const { backup, clientService } = namesOf(name);
  const labels = helperLabels(name, 'backup');
  return {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { ...metadataOf(cluster, backup), labels },
    spec: {
      schedule,
      timeZone: 'Etc/UTC',
      suspend: cluster.spec.paused,
      concurrencyPolicy: 'Forbid',
      startingDeadlineSeconds: 3_600,
      successfulJobsHistoryLimit: 1,
      failedJobsHistoryLimit: 1,
      jobTemplate: {
        metadata: { labels },
        spec: {
          backoffLimit: 2,
          activeDeadlineSeconds: RUN_SECONDS_MAX,
          template: {
            metadata: { labels },
            spec: {
              ...helperPod(cluster),
              containers: [
                {
                  ...helperContainer(cluster, memberImage, 'backup'),
                  command: ['aegis'],
                  args: [
                    ...['--endpoints', `${clientService}.${namespace}.svc:${PORTS.client}`],
                    ...['--tls', FOLDERS.tls],
                    ...['backup', 'into', FOLDERS.files],
                    ...['--name', name],
                    ...['--keep', String(keep)],
                    ...['--report', REPORT_FILE],
                  ],
                  volumeMounts: [
                    { name: 'files', mountPath: FOLDERS.files },
                    { name: 'tls', mountPath: FOLDERS.tls, readOnly: true },
                  ],
                },
              ],
              volumes: [
                { name: 'files', persistentVolumeClaim: { claimName } },
                { name: 'tls', secret: { secretName: backup, defaultMode: 0o440 } },
              ],
            },
          },
        },
      },
    },
  };
}

/** What the pods that work for a cluster have in common: they run once, as nobody in particular, without a token of the API. */
export function helperPod(cluster: AegisCluster) {
  const { nodeSelector, tolerations } = cluster.spec.scheduling;
  return {
    restartPolicy: 'Never',
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    securityContext: POD_SECURITY,
    ...pullSecretsOf(cluster),
    ...(nodeSelector === undefined ? {} : { nodeSelector }),
    ...(tolerations === undefined ? {} : { tolerations }),
  };
}

export function helperContainer({ spec }: AegisCluster, memberImage: string, name: string) {
  return {
    name,
    image: spec.image.reference ?? memberImage,
    imagePullPolicy: spec.image.pullPolicy,
    // What it says at its end is what went wrong.
    terminationMessagePath: REPORT_FILE,
    terminationMessagePolicy: 'FallbackToLogsOnError',
    resources: {
      requests: { cpu: '50m', memory: '128Mi' },
      limits: { memory: spec.resources.limits.memory },
    },
    securityContext: CONTAINER_SECURITY,
  };
}
