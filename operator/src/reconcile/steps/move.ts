import type { AegisCluster } from '@aegis/crds';
import type { ConsensusSettings } from '@aegis/replica/settings';
import type { PodParts } from '../../build/pod.js';
import type { Context } from '../../context.js';
import type { Observed } from '../../members/observed.js';
import type { PodSeen } from '../../observe/look.js';
import type { LeaderSeen } from '../../observe/membership.js';
import type { Credentials } from '../../observe/members-port.js';

/** What a step is carried out with. */
export interface Move {
  readonly context: Context;
  readonly cluster: AegisCluster;
  readonly clusterId: string;
  readonly credentials: Credentials | undefined;
  readonly observed: Observed;
  readonly pods: readonly PodSeen[];
  readonly leader: LeaderSeen | undefined;
  readonly parts: PodParts;
  /** Towards which the pods are rolled in the end. */
  readonly wantedSettings: ConsensusSettings;
}

/** What came of a step. */
export type Outcome =
  /** Something has changed; `message` is for people. */
  | { readonly kind: 'changed'; readonly reason: string; readonly message: string }
  /** It cannot be done just now. */
  | { readonly kind: 'held'; readonly reason: string; readonly message: string };

export function changed(reason: string, message: string): Outcome {
  return { kind: 'changed', reason, message };
}

export function held(reason: string, message: string): Outcome {
  return { kind: 'held', reason, message };
}
