import type { Incident, TuningRecommendation } from '@aegis/crds';
import {
  isAlreadyThere,
  isConflict,
  RESOURCES,
  sameStatus,
  type KubeClient,
  type KubeObject,
  type ResourceType,
} from '@aegis/operator/kube';
import type { EvidenceLog, EvidenceRecord } from '../evidence/index.js';
import type { Target } from '../forge/index.js';
import type { AgentFolder } from '../run/agent-folder.js';
import { outputOf } from '../run/records.js';
import { incidentResource, incidentStatus } from './incident.js';
import { mirroredStatus, resourceName } from './recommendation.js';

export interface MirrorParts {
  readonly client: KubeClient;
  readonly folder: AgentFolder;
  readonly evidence: EvidenceLog;
  readonly target: Target;
  /** Ids of the members by the names of their pods. */
  readonly members: () => Readonly<Record<string, number>>;
  readonly signal: AbortSignal;
}

const recordsOf = ({ records }: EvidenceLog, name: string): EvidenceRecord[] =>
  records.filter(({ incident }) => incident === name);

/** Older ones have said everything. */
const NEWEST = 50;

/** Says in resources what stands in the agent's folder. It asks as often as it likes: what is said already is not written again. */
export class Mirror {
  /** What was written last, by incident, so that the API server is asked only about what is new. */
  private readonly said = new Map<string, string>();

  constructor(private readonly parts: MirrorParts) {}

  /** Throws what the API server answers; asked again it goes on. */
  async publish(): Promise<void> {
    for (const name of this.parts.folder.names('incidents').slice(-NEWEST)) {
      if (this.parts.signal.aborted) return;
      await this.incident(name);
      await this.recommendation(name);
    }
  }

  private async incident(name: string): Promise<void> {
    const { client, folder, evidence, target, members, signal } = this.parts;
    const state = folder.read('incidents', name);
    if (state === undefined) return;
    await this.whenNew(`incident ${name}`, state, async () => {
      const wanted = incidentResource(target, state);
      const live =
        (await client.get(RESOURCES.incidents, wanted.metadata, signal)) ?? (await this.made(wanted));
      if (live === undefined || live.spec.clusterRef.name !== target.cluster) return true;
      const explained = outputOf(recordsOf(evidence, name), 'diagnose');
      const status = incidentStatus(live, target, { state, explained, members: members() });
      return this.write(RESOURCES.incidents, live, status);
    });
  }

  private async made(wanted: Incident): Promise<Incident | undefined> {
    const { client, signal } = this.parts;
    return client.create(RESOURCES.incidents, wanted, signal).catch((error: unknown) => {
      if (!isAlreadyThere(error)) throw error;
      return client.get(RESOURCES.incidents, wanted.metadata, signal);
    });
  }

  private async recommendation(name: string): Promise<void> {
    const { client, folder, evidence, target, signal } = this.parts;
    const made = folder.read('recommendations', name);
    const verified = made?.verification !== undefined && made.verification.result !== 'NotVerified';
    if (made === undefined || !verified) return;
    const records = recordsOf(evidence, name);
    await this.whenNew(`recommendation ${name}`, made, async () => {
      const ref = { namespace: target.namespace, name: resourceName(target, name) };
      const live = await client.get(RESOURCES.recommendations, ref, signal);
      if (live === undefined || live.spec.clusterRef.name !== target.cluster) return true;
      const status = mirroredStatus(live, made, records);
      return status === undefined || this.write(RESOURCES.recommendations, live, status);
    });
  }

  /** @param say whether it was said; false: it is to be tried again */
  private async whenNew(what: string, content: object, say: () => Promise<boolean>): Promise<void> {
    const text = JSON.stringify(content);
    if (this.said.get(what) === text) return;
    if (await say()) this.said.set(what, text);
  }

  /** Over what was read alone: the operator writes into the same status. */
  private async write<T extends (Incident | TuningRecommendation) & KubeObject>(
    type: ResourceType<T>,
    live: T,
    status: NonNullable<T['status']>,
  ): Promise<boolean> {
    if (sameStatus(live.status ?? {}, status)) return true;
    try {
      await this.parts.client.replace(type, { ...live, status }, this.parts.signal, 'status');
      return true;
    } catch (error) {
      if (isConflict(error)) return false;
      throw error;
    }
  }
}
