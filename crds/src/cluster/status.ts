import { conditions } from '../schema/conditions.js';
import { group, list } from '../schema/composites.js';
import { choice, flag, objectName, text, time, whole } from '../schema/scalars.js';
import { optional, type TypeOf } from '../schema/schema.js';
import { someSettings } from './consensus.js';

const LARGEST = Number.MAX_SAFE_INTEGER;

/** What the status of a cluster is said in. The texts are its reference. */
export const CLUSTER_CONDITIONS = {
  Available: 'a quorum answers, so that clients are served.',
  Progressing: 'the operator is changing something; its reason says what.',
  Degraded: 'something is not as wanted while clients are served, or the operator is held up.',
  ConfigInSync: 'the members run the settings that are wanted.',
  VolumesExist: 'volumes of an earlier cluster of this name stop the creation; see adoptVolumes.',
  DataLost: 'the only copy of the data is gone; nothing is done until a person decides.',
} as const;

/** Who may belong to a cluster for a moment: seven, and one that is replaced. */
const MEMBERS_MAX = 16;

const member = group('One member.', {
  id: whole('Its id, given once and never again.', { min: 1, max: LARGEST }),
  pod: objectName('The pod that runs it.'),
  role: choice('What it is to the others. Unknown: it does not answer.', [
    'Leader',
    'Follower',
    'Learner',
    'Unknown',
  ]),
  ready: flag('Whether it knows a leader and has caught up.'),
  lagEntries: optional(whole('How many log entries it is behind the leader.', { min: 0, max: LARGEST })),
  version: optional(text('The version of its program.', { max: 64 })),
});

const source = group('Where the settings come from.', {
  kind: choice('Defaults: nothing was set. Spec: from spec.consensus. Merge: from configSource.', [
    'Defaults',
    'Spec',
    'Merge',
  ]),
  commit: optional(text('The commit.', { min: 40, max: 64, pattern: '^[0-9a-f]+$' })),
  pullRequest: optional(
    whole('The number of the pull request that it was merged by.', { min: 1, max: LARGEST }),
  ),
  url: optional(text('Where to read that request.', { max: 1024 })),
  mergedBy: optional(text('Who merged it.', { max: 128 })),
  verified: optional(flag('Whether just these settings were verified before the merge.')),
});

export const clusterStatus = group('What is there, as the operator sees it.', {
  observedGeneration: optional(
    whole('The generation of the spec that this status is about.', { min: 0, max: LARGEST }),
  ),
  conditions: optional(conditions(CLUSTER_CONDITIONS)),
  clusterId: optional(text('Drawn once; in the data, and a label of the volumes.', { max: 64 })),
  replicas: optional(whole('How many members vote.', { min: 0, max: MEMBERS_MAX })),
  readyReplicas: optional(whole('How many of them are ready.', { min: 0, max: MEMBERS_MAX })),
  selector: optional(text('The pods, for kubectl scale.', { max: 512 })),
  leader: optional(objectName('The pod of the leader.')),
  term: optional(whole('The term of that leader.', { min: 0, max: LARGEST })),
  version: optional(text('The lowest version among the members.', { max: 64 })),
  members: optional(list('The members.', member, { max: MEMBERS_MAX, merge: { by: ['id'] } })),
  settings: optional(
    group('The settings that the members run.', {
      effective: someSettings('All of them, defaults filled in.'),
      source,
      lastHealthy: optional(
        someSettings(
          'Those under which the cluster was available last; going back to them is never refused.',
        ),
      ),
    }),
  ),
  certificatesEnd: optional(time('When the first of the certificates in use ends.')),
  lastBackup: optional(
    group('The newest verified backup.', {
      time: time('When it was begun.'),
      file: text('Its name in the volume.', { max: 512 }),
      digest: text('Its digest.', { min: 64, max: 64, pattern: '^[0-9a-f]{64}$' }),
    }),
  ),
});

export type AegisClusterStatus = TypeOf<typeof clusterStatus>;
