import type { AegisCluster, TuningRecommendation } from '@aegis/crds';
import { createHash } from 'node:crypto';
import type { ObjectOf, RESOURCES } from '../kube/resource.js';
import { REPORT_FILE } from './backup.js';
import { pullSecretsOf } from './pull-secrets.js';
import { CONTAINER_SECURITY, POD_SECURITY } from './restricted.js';

/** In all: the attempts of a verification share it. */
export const VERIFICATION_SECONDS_MAX = 600;
/** A pod that fails is tried once more; one that says that its question is wrong is not. */
export const VERIFICATION_TRIES_MAX = 2;
/** The verifier's status for a question that it cannot use. */
const BAD_QUESTION = 2;
/** What runs is counted by the Jobs of the last hour: none goes sooner. */
const KEPT_SECONDS = 3_600;

const FOLDER = '/question';
const QUESTION_FILE = 'question.json';
export const VERIFIER = 'verifier';
const NAME_LABEL = 'app.kubernetes.io/name';
const APP = 'aegis-verification';
const VERIFICATION_LABEL = 'aegis.dev/verification';

type Job = ObjectOf<typeof RESOURCES.jobs>;

/** What all objects of a verification are called: there is one of each, however often it is begun. */
export function verificationName({ metadata }: TuningRecommendation): string {
  return `${APP}-${createHash('sha256').update(metadata.uid!).digest('hex').slice(0, 16)}`;
}

export function isVerification(labels: Readonly<Record<string, string>> | undefined): boolean {
  return labels?.[NAME_LABEL] === APP;
}

/** Everything that a verification needs besides its Job, which goes last: a pod finds its question, and no network, from its beginning. */
export function buildVerificationSurroundings(recommendation: TuningRecommendation, question: string) {
  const metadata = metadataOf(recommendation);
  const serviceAccount: ObjectOf<typeof RESOURCES.serviceAccounts> = {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata,
    automountServiceAccountToken: false,
  };
  const networkPolicy: ObjectOf<typeof RESOURCES.networkPolicies> = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata,
    // No rule lets anybody in or out.
    spec: {
      podSelector: { matchLabels: { [VERIFICATION_LABEL]: metadata.name } },
      policyTypes: ['Ingress', 'Egress'],
    },
  };
  const configMap: ObjectOf<typeof RESOURCES.configMaps> = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata,
    immutable: true,
    data: { [QUESTION_FILE]: question },
  };
  return { serviceAccount, networkPolicy, configMap };
}

/**
 * Answers by its termination message, which the kubelet hands on: the pod needs no right and no network for it, and 4 KiB bound it. The
 * whole report is in its log.
 * @param cluster whose images are pulled as those of its members are
 */
export function buildVerificationJob(
  recommendation: TuningRecommendation,
  cluster: AegisCluster,
  image: string,
): Job {
  const metadata = metadataOf(recommendation);
  const { name, labels } = metadata;
  const { pullPolicy } = cluster.spec.image;
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata,
    spec: {
      backoffLimit: VERIFICATION_TRIES_MAX - 1,
      activeDeadlineSeconds: VERIFICATION_SECONDS_MAX,
      ttlSecondsAfterFinished: KEPT_SECONDS,
      podFailurePolicy: {
        rules: [
          {
            action: 'FailJob',
            onExitCodes: { containerName: VERIFIER, operator: 'In', values: [BAD_QUESTION] },
          },
          // A node that is drained is no failure of the verifier.
          { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
        ],
      },
      template: {
        metadata: { labels },
        spec: {
          restartPolicy: 'Never',
          serviceAccountName: name,
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          securityContext: POD_SECURITY,
          affinity: AWAY_FROM_MEMBERS,
          ...pullSecretsOf(cluster),
          containers: [
            {
              name: VERIFIER,
              image,
              imagePullPolicy: pullPolicy,
              command: ['aegis-verifier'],
              args: [
                ...['--input', `${FOLDER}/${QUESTION_FILE}`],
                ...['--output', REPORT_FILE],
                ...['--report', '-'],
                ...['--workers', '2'],
              ],
              terminationMessagePath: REPORT_FILE,
              terminationMessagePolicy: 'FallbackToLogsOnError',
              resources: {
                requests: { cpu: '500m', memory: '512Mi' },
                limits: { cpu: '2', memory: '2Gi' },
              },
              securityContext: CONTAINER_SECURITY,
              volumeMounts: [{ name: 'question', mountPath: FOLDER, readOnly: true }],
            },
          ],
          volumes: [{ name: 'question', configMap: { name } }],
        },
      },
    },
  };
}

/** It takes all the processor that it is given, and members need theirs in time: on their nodes only if there is no other. */
const AWAY_FROM_MEMBERS = {
  podAntiAffinity: {
    preferredDuringSchedulingIgnoredDuringExecution: [
      {
        weight: 100,
        podAffinityTerm: {
          topologyKey: 'kubernetes.io/hostname',
          namespaceSelector: {},
          labelSelector: { matchLabels: { [NAME_LABEL]: 'aegis' } },
        },
      },
    ],
  },
};

function metadataOf(recommendation: TuningRecommendation) {
  const { apiVersion, kind, metadata } = recommendation;
  const name = verificationName(recommendation);
  return {
    name,
    namespace: metadata.namespace!,
    labels: {
      [NAME_LABEL]: APP,
      'app.kubernetes.io/managed-by': 'aegis-operator',
      [VERIFICATION_LABEL]: name,
    },
    ownerReferences: [{ apiVersion, kind, name: metadata.name, uid: metadata.uid!, controller: true }],
  };
}
