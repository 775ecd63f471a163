import { DEFAULT_PROFILE, PROFILES } from '@aegis/replica/settings';
import { immutable } from '../cel/changes.js';
import { envelopeRules } from '../cel/envelope.js';
import { group, list } from '../schema/composites.js';
import { choice, flag, objectName, oneNumberOf, text } from '../schema/scalars.js';
import { optional, type TypeOf } from '../schema/schema.js';
import { backup, bootstrap } from './backups.js';
import { configSource } from './config-source.js';
import { SETTINGS_OF_SPEC, someSettings } from './consensus.js';
import { resources, scheduling } from './placement.js';
import { monitoring, network } from './reach.js';
import { storage } from './storage.js';
import { tls } from './tls.js';

/** An even number of members bears no more failures than one fewer, and costs one more. */
export const CLUSTER_SIZES = [1, 3, 5, 7] as const;

const image = group(
  'The program of the members.',
  {
    reference: optional(
      text('The image, with a tag or a digest. Missing: the one that the operator was installed with.', {
        min: 1,
        max: 512,
        pattern: '^[A-Za-z0-9][-A-Za-z0-9._:/@]*$',
      }),
    ),
    pullPolicy: choice('When it is pulled.', ['IfNotPresent', 'Always', 'Never'], {
      default: 'IfNotPresent',
    }),
    pullSecrets: optional(
      list('Secrets that the image is pulled with.', objectName('The name of a Secret.'), {
        max: 8,
        merge: 'set',
      }),
    ),
  },
  { default: {} },
);

export const clusterSpec = group(
  'What is wanted.',
  {
    replicas: oneNumberOf('How many members vote. Of 3 one may fail, of 5 two, of 7 three.', CLUSTER_SIZES, {
      default: 5,
    }),
    profile: choice(
      'Which services it offers, and which defaults its settings have. locks: leases, locks and elections. kv: versioned keys and leases. all: both.',
      PROFILES,
      { default: DEFAULT_PROFILE },
    ),
    image,
    storage,
    consensus: optional(
      someSettings(
        'The settings of the consensus. The safety envelope is held by the API server: what is unsafe cannot be stored.',
      ),
    ),
    configSource: optional(configSource),
    resources,
    tls,
    scheduling,
    network,
    monitoring,
    backup: optional(backup),
    bootstrap: optional(bootstrap),
    adoptVolumes: flag(
      'Whether the volumes of an earlier cluster of this name are taken over, with their data. Without it such volumes stop the creation (condition VolumesExist).',
      { default: false },
    ),
    paused: flag('Whether the operator keeps its hands off: it changes nothing, and only reports.', {
      default: false,
    }),
  },
  {
    rules: [
      ...envelopeRules(SETTINGS_OF_SPEC),
      {
        rule: '!(has(self.configSource) && has(self.consensus))',
        message:
          'with configSource the settings come from the merged document alone: remove consensus here, and put it into the file at configSource.path',
        reason: 'FieldValueForbidden',
        fieldPath: '.consensus',
      },
      immutable(
        'profile',
        'Defaults of settings follow it, and no setting changes without being written down.',
      ),
      immutable('bootstrap', 'It is looked at only when the cluster is created.'),
    ],
  },
);

export type AegisClusterSpec = TypeOf<typeof clusterSpec>;
