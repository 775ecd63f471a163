import type { AegisCluster } from '@aegis/crds';
import { resolveSettings } from '@aegis/replica/settings';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ConfigDecision, Provenance } from '../../config-source/index.js';
import type { Context } from '../../context.js';
import { verifiedFor } from '../../recommendations/verified.js';
import { appliedOf, keepApplied, type Applied } from './applied.js';
import { againstPace } from './pace.js';
import { effective, lastHealthy, type Held, type SettingsSource, type Wanted } from './plan.js';
import { tokenOf } from './token.js';

/** The members are not let wait for a forge: what it answers later is there at the next look. */
const PATIENCE_MS = 3_000;

type Source = NonNullable<AegisCluster['spec']['configSource']>;

/** What was merged where `spec.configSource` says; while nothing can be taken over, what was taken over last, and why. */
export async function mergedSettings(
  context: Context,
  cluster: AegisCluster,
  source: Source,
): Promise<Wanted> {
  const applied = appliedOf(context, cluster);
  const { secretName } = source;
  const token = secretName === undefined ? undefined : await tokenOf(context, cluster, secretName);
  if (secretName !== undefined && token === undefined) {
    const message = `there is no Secret ${secretName} with the key "token": make it, or take configSource.secretName out`;
    return asBefore(cluster, applied, { status: 'False', reason: 'TokenMissing', message });
  }
  const decision = await decide(context, cluster, source, token, applied);
  if (decision === undefined) {
    const message = `${source.apiUrl} has not answered yet`;
    return asBefore(cluster, applied, { status: 'Unknown', reason: 'ReadingHistory', message }, 1_000);
  }
  const { askAgainMs } = decision;
  switch (decision.outcome) {
    case 'hold':
      return asBefore(cluster, applied, decision.condition, askAgainMs);
    case 'in-sync':
      return asBefore(cluster, applied, undefined, askAgainMs);
    case 'apply': {
      const { repository, branch, path } = source;
      const { consensus, provenance, settings, verified } = decision;
      const from = sourceOf(provenance, verified);
      const taken = { repository, branch, path, commit: provenance.commit, consensus, source: from };
      if (!cluster.spec.paused && JSON.stringify(taken) !== JSON.stringify(applied)) {
        await keepApplied(context, cluster, taken);
        const message = `settings of commit ${provenance.commit.slice(0, 12)}${mergedBy(provenance)} are taken over${againstPace(effective(cluster), settings)}`;
        await context.record(cluster, { type: 'Normal', reason: 'SettingsMerged', message });
      }
      return { settings, source: from, againAfterMs: askAgainMs };
    }
  }
}

/** Undefined: the forge has not answered in time. */
async function decide(
  context: Context,
  cluster: AegisCluster,
  source: Source,
  token: string | undefined,
  applied: Applied | undefined,
): Promise<ConfigDecision | undefined> {
  const { metadata, spec } = cluster;
  const question = {
    source: { ...source, token },
    cluster: {
      namespace: metadata.namespace!,
      name: metadata.name,
      profile: spec.profile,
      replicas: spec.replicas,
    },
    lastApplied: applied,
    lastHealthy: lastHealthy(cluster),
    verified: verifiedFor(context, cluster),
  };
  const timer = new AbortController();
  const late = sleep(PATIENCE_MS, undefined, { signal: timer.signal }).catch(() => undefined);
  const asked = context.configSources.decide(question);
  try {
    return await Promise.race([asked, late]);
  } finally {
    timer.abort();
    // Nobody waits for it any more, and it is asked again.
    asked.catch(() => undefined);
  }
}

function asBefore(
  cluster: AegisCluster,
  applied: Applied | undefined,
  held: Held | undefined,
  againAfterMs?: number,
): Wanted {
  const rest = { held, againAfterMs };
  if (applied !== undefined) {
    const settings = resolveSettings(cluster.spec.profile, applied.consensus);
    return { settings, source: applied.source, ...rest };
  }
  const settings = effective(cluster) ?? resolveSettings(cluster.spec.profile);
  return { settings, source: cluster.status?.settings?.source ?? { kind: 'Defaults' }, ...rest };
}

function sourceOf({ commit, pullRequest }: Provenance, verified: boolean): SettingsSource {
  const merged =
    pullRequest === undefined
      ? {}
      : {
          pullRequest: pullRequest.number,
          url: pullRequest.url.slice(0, 1_024),
          mergedBy: pullRequest.mergedBy.slice(0, 128),
        };
  return { kind: 'Merge', commit, ...merged, verified };
}

function mergedBy({ pullRequest }: Provenance): string {
  return pullRequest === undefined
    ? ''
    : `, request ${pullRequest.number}, merged by ${pullRequest.mergedBy},`;
}
