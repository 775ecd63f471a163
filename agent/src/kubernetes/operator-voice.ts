import type { Standing, SupervisorSocket, VerifyInput } from '@aegis/client/config';
import type { AegisCluster } from '@aegis/crds';
import { isAlreadyThere, RESOURCES, type Cache, type KubeClient } from '@aegis/operator/kube';
import type { ConsensusSettings } from '@aegis/replica/settings';
import type { EvidenceLog } from '../evidence/index.js';
import { recommendationResource, verificationIn, type VerificationState } from './recommendation.js';
import { changeBetween, NotStandingError, standingIn, type Pod } from './standing.js';

/** What the agent sees of a Kubernetes. */
export interface Sight {
  readonly clusters: Cache<AegisCluster>;
  /** Those of members. */
  readonly pods: Cache<Pod>;
}

export interface VoiceParts {
  readonly client: KubeClient;
  readonly sight: Sight;
  readonly cluster: { readonly namespace: string; readonly name: string };
  readonly evidence: EvidenceLog;
  readonly now: () => number;
  readonly signal: AbortSignal;
}

const CHANGES_MAX = 100;

/**
 * What the supervisor is on one machine, the operator is here, by way of resources: how the cluster stands is in the status of the
 * AegisCluster, and a verification is asked for by a TuningRecommendation, whose status has the answer.
 */
export class OperatorVoice implements Pick<SupervisorSocket, 'standing' | 'verify'> {
  private settings: ConsensusSettings | undefined;
  private readonly changes: Standing['changes'][number][] = [];

  constructor(private readonly parts: VoiceParts) {}

  /** Rejects with NotStandingError. */
  async standing(): Promise<Standing> {
    const { sight, cluster: ref, now } = this.parts;
    const cluster = sight.clusters.get(ref);
    if (cluster === undefined)
      throw new NotStandingError(`there is no AegisCluster ${ref.namespace}/${ref.name}`);
    const standing = standingIn(cluster, sight.pods.ofCluster(ref), this.changes);
    const patch = changeBetween(this.settings, standing.settings);
    if (patch !== undefined) {
      const commit = cluster.status?.settings?.source.commit ?? '';
      this.changes.push({ commit, patch, at: now() });
      if (this.changes.length > CHANGES_MAX) this.changes.shift();
    }
    this.settings = standing.settings ?? this.settings;
    return standing;
  }

  /** Asks once, and then how it stands: a question that was asked by an earlier life is not asked again. */
  async verify({ incident, question }: VerifyInput): Promise<VerificationState> {
    const { client, evidence, now, signal } = this.parts;
    const { clusterId, namespace, cluster } = await this.standing();
    const records = evidence.records.filter((record) => record.incident === incident);
    const target = { clusterId, namespace, cluster };
    const wanted = recommendationResource(target, incident, records, question);
    const type = RESOURCES.recommendations;
    const live =
      (await client.get(type, wanted.metadata, signal)) ??
      (await client.create(type, wanted, signal).catch((error: unknown) => {
        if (!isAlreadyThere(error)) throw error;
        return client.get(type, wanted.metadata, signal);
      }));
    if (live === undefined) return { state: 'running' };
    if (live.spec.question === question && live.spec.clusterRef.name === cluster)
      return verificationIn(live, now());
    const why = `there is a TuningRecommendation ${wanted.metadata.name} already, which asks something else`;
    return { state: 'done', result: { result: 'NotVerified', why } };
  }
}
