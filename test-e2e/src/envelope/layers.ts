import { verdictOn } from '@aegis/agent/envelope';
import { sampleCluster, whyNotByMerge, whyNotFromSpec } from '@aegis/operator/testing';
import { parseOptions, type StartOptions } from '@aegis/replica/start-options';
import { loadSettings, refuseUnsafe } from '@aegis/replica/start-settings';
import { resolveSettings } from '@aegis/replica/settings';
import { writeFileSync } from 'node:fs';
import { stringify } from 'yaml';
import type { Asked } from './drawn.js';

/** Why a layer by itself refuses settings. Undefined: it takes them. */
export type Layer = (asked: Asked) => Promise<string | undefined>;

/** The settings file as it is given to replicas, or stands in a repository. */
export function settingsFile({ profile, consensus }: Asked, withProfile = true): string {
  return stringify({
    apiVersion: 'aegis.dev/v1alpha1',
    kind: 'AegisCluster',
    metadata: { name: 'sample', namespace: 'house' },
    spec: { ...(withProfile ? { profile } : {}), consensus },
  });
}

/** Those that need nothing but this process. @param path a file that may be written */
export function localLayers(path: string): Readonly<Record<string, Layer>> {
  return {
    replica: replicaLayer(path),
    'operator, spec': specLayer,
    'operator, merge': mergeLayer,
    agent: agentLayer,
  };
}

/** What a replica does with them at its start, up to where it would open its folder. @param path where to write the file */
function replicaLayer(path: string): Layer {
  const flags = ['start', '--data', 'd', '--bootstrap', 'b', '--insecure', '--settings', path];
  const options = parseOptions(flags) as StartOptions;
  return async (asked) => {
    writeFileSync(path, settingsFile(asked));
    return refusalOf(() => refuseUnsafe(options, loadSettings(options).consensus, asked.replicas));
  };
}

const clusterOf = ({ profile, replicas, consensus }: Asked) =>
  sampleCluster({ profile, replicas, consensus: consensus as Record<string, number> });

/** What the operator says to a spec. */
const specLayer: Layer = (asked) => whyNotFromSpec(clusterOf(asked));

/** What the operator says to a file that was merged. */
const mergeLayer: Layer = async (asked) => {
  return whyNotByMerge(settingsFile(asked, false), clusterOf(asked));
};

/** What the agent says to a proposal of them, as far as the settings alone decide. */
const agentLayer: Layer = async ({ profile, replicas, consensus }) => {
  const verdict = verdictOn(consensus, {
    profile,
    replicas,
    base: resolveSettings(profile),
    observations: {},
    pace: { now: 0, dwellMs: 0 },
  });
  if (!verdict.readable) return verdict.why;
  const broken = verdict.findings.filter(({ kind, severity, passed }) => {
    return kind === 'static' && severity === 'required' && !passed;
  });
  if (broken.length > 0 && verdict.passed) throw new Error('the agent passes what it finds broken');
  return broken.length === 0
    ? undefined
    : broken.map(({ id, statement }) => `${id}: ${statement}`).join('; ');
};

function refusalOf(work: () => unknown): string | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
