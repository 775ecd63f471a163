import type { AegisCluster } from '@aegis/crds';
import { reconcileRestore } from '../backups/restore.js';
import { reconcileBackups } from '../backups/schedule.js';
import { reconcileCertificates } from '../certificates/index.js';
import type { Context } from '../context.js';
import { ApiError } from '../kube/errors.js';
import { reconcileLeases } from '../leases/index.js';
import { refOf } from '../kube/object.js';
import { nextStep } from '../members/plan.js';
import { lookAtPods } from '../observe/look.js';
import { leaderOf } from '../observe/membership.js';
import { observe } from '../observe/observe.js';
import type { Outcome } from '../queue/workers.js';
import { clusterIdOf } from './identity.js';
import { reconcileObjects } from './objects.js';
import { pauseAfter } from './pace.js';
import { copyOf, listedIn, recordOf, spreadRecord } from './record.js';
import { tolerate, type Report } from './report.js';
import { planSettings } from './settings/plan.js';
import { forgetSettings } from './settings/forget.js';
import { reconcileShared } from './settings/shared.js';
import { wantedSettings } from './settings/wanted.js';
import { applyStatefulSet, podPartsOf, statefulSetOf, templateOf } from './stateful-set.js';
import { persistClusterId, writeStatus } from './status/write.js';
import { carryOut } from './steps/index.js';
import { Trouble } from './trouble.js';
import { growVolumes } from './volumes.js';

/**
 * One look at a cluster: what is there, the one thing to be done next, and the status. Whatever it decides on is seen anew each time,
 * so that it may end anywhere, and another process goes on where it ended.
 */
export async function reconcile(context: Context, key: string): Promise<Outcome> {
  const cluster = context.caches.clusters.get(refOf(key));
  // What belongs to a cluster that goes is collected by Kubernetes itself; its volumes stay.
  if (cluster === undefined || cluster.metadata.deletionTimestamp !== undefined) {
    context.onCertificates(refOf(key), undefined);
    await reconcileLeases(context, refOf(key), undefined);
    return {};
  }
  const report: Report = { troubles: [], again: [] };
  let failure: unknown;
  try {
    await work(context, cluster, report);
  } catch (error) {
    if (isEnding(error)) return {};
    if (!(error instanceof Trouble)) failure = error;
    report.troubles.unshift(troubleOf(error));
  }
  context.signal.throwIfAborted();
  // Whatever else is wrong: who holds a lock can be asked as long as there is a leader.
  const { leader, certificates } = report;
  const credentials = certificates?.credentials;
  const leases = await reconcileLeases(context, refOf(key), { leader, credentials });
  if (leases !== undefined) report.again.push(leases);
  await writeStatus(context, cluster, report);
  if (failure !== undefined) throw failure;
  return { againAfterMs: pauseAfter(report) };
}

/** The table of contents. */
async function work(context: Context, cluster: AegisCluster, report: Report): Promise<void> {
  const { paused } = cluster.spec;

  const clusterId = await clusterIdOf(context, cluster);
  report.clusterId = clusterId;
  if (!paused) await persistClusterId(context, cluster, clusterId);

  const certificates = await reconcileCertificates(context, cluster, clusterId);
  report.certificates = certificates;
  const { trouble } = certificates;
  if (trouble !== undefined) report.troubles.push(new Trouble(trouble.reason, trouble.message));

  const { credentials } = certificates;
  const pods = await lookAtPods(context, cluster, credentials);
  report.pods = pods;
  report.leader = leaderOf(pods);

  const settings = planSettings(
    context,
    cluster,
    pods.map(({ pod }) => pod),
    await wantedSettings(context, cluster),
  );
  report.settings = settings;
  if (settings.againAfterMs !== undefined) report.again.push(settings.againAfterMs);
  const parts = podPartsOf(context, cluster, settings.target);

  if (!paused) {
    const objects = () => reconcileObjects(context, cluster, settings.target);
    // Nothing is begun without them; members that are there are looked after all the same.
    if (statefulSetOf(context, cluster) === undefined) await objects();
    else await tolerate(report, objects);
    await tolerate(report, () => growVolumes(context, cluster, clusterId));
    await spreadRecord(context, cluster, pods, clusterId);
    if (statefulSetOf(context, cluster) !== undefined)
      await applyStatefulSet(context, cluster, clusterId, parts);
  }

  const record = recordOf(context, cluster);
  const observed = observe(context, cluster, pods, {
    clusterId,
    record: record === undefined ? undefined : listedIn(record),
    recordKept: copyOf(context, cluster, clusterId) !== undefined,
    replicas: statefulSetOf(context, cluster)?.spec?.replicas,
    template: templateOf(cluster, parts),
    settingsProven: settings.proven,
  });
  report.observed = observed;

  const restoring = paused ? undefined : await reconcileRestore(context, cluster, clusterId);
  const step = restoring ?? nextStep(observed);
  report.step = step;
  if (!paused) {
    const { leader } = report;
    const wantedOnes = settings.settings;
    const move = {
      context,
      cluster,
      clusterId,
      credentials,
      observed,
      pods,
      leader,
      parts,
      wantedSettings: wantedOnes,
    };
    report.outcome = await carryOut(move, step);
    if (report.outcome?.kind === 'changed') {
      context.onStep(step.kind);
      const { reason, message } = report.outcome;
      const type = step.kind === 'roll-back' ? 'Warning' : 'Normal';
      await context.record(cluster, { type, reason, message });
    }
    if (step.kind === 'done') await forgetSettings(context, cluster, pods, settings);
  }

  await tolerate(report, async () => {
    const { leader } = report;
    const { target } = settings;
    const shared = await reconcileShared(context, cluster, {
      ...{ credentials, leader, target },
      pods: pods.map(({ pod }) => pod),
    });
    report.sharedInForce = shared.inForce;
    if (shared.againAfterMs !== undefined) report.again.push(shared.againAfterMs);
  });
  if (!paused) await tolerate(report, () => reconcileBackups(context, cluster, credentials, report));
}

/** The namespace is going away with everything in it: nothing can be made in there, and nothing has to be. */
function isEnding(error: unknown): boolean {
  return error instanceof ApiError && error.code === 403 && error.message.includes('being terminated');
}

function troubleOf(error: unknown): Trouble {
  if (error instanceof Trouble) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new Trouble(error instanceof ApiError ? 'ApiRefused' : 'OperatorFailed', message);
}
