import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Stage } from './cases/case.js';
import { AEGIS_IMAGE, aegisImage } from './images/aegis.js';
import { keptArchive } from './images/kept.js';
import { Helm } from './helm.js';
import { Kubectl } from './kubectl.js';
import { Kubernetes } from './kubernetes.js';
import type { Progress } from './progress.js';

const KIND_CLUSTER = 'aegis-e2e';

export interface OpenCluster {
  readonly about: Omit<Stage, 'namespace' | 'note'>;
  readonly close: () => Promise<void>;
}

/**
 * The cluster to test on: the one that KUBECONFIG names; else one of kind, where a Docker engine answers and kind is installed; else
 * one of our own. A given cluster must have the image that AEGIS_IMAGE names, or reach it.
 */
export async function openCluster(progress: Progress): Promise<OpenCluster> {
  const given = process.env['KUBECONFIG'];
  if (given !== undefined && given !== '') return openGiven(given, progress);
  if (answers('docker', 'info') && answers('kind', 'version')) return openKind(progress);
  return openOwn(progress);
}

async function openGiven(kubeconfig: string, progress: Progress): Promise<OpenCluster> {
  const image = process.env['AEGIS_IMAGE'];
  if (image === undefined)
    throw new Error(
      'With KUBECONFIG set, AEGIS_IMAGE must name an image of AEGIS that the cluster can pull.',
    );
  const kubectl = new Kubectl('kubectl', kubeconfig);
  progress.say(`the cluster of ${kubeconfig}: ${(await kubectl.run('config', 'current-context')).trim()}`);
  const helm = new Helm('helm', kubeconfig);
  return { about: { kubectl, helm, image, own: undefined }, close: async () => {} };
}

/** Not verified where this was written: no Docker engine answers there. */
async function openKind(progress: Progress): Promise<OpenCluster> {
  const folder = mkdtempSync(join(tmpdir(), 'aegis-kind-'));
  const kubeconfig = join(folder, 'kubeconfig');
  const kind = (...argv: readonly string[]): void => {
    execFileSync('kind', [...argv, '--name', KIND_CLUSTER], { stdio: 'inherit' });
  };
  const close = async (): Promise<void> => {
    kind('delete', 'cluster', '--kubeconfig', kubeconfig);
    rmSync(folder, { recursive: true });
  };
  try {
    kind('create', 'cluster', '--kubeconfig', kubeconfig, '--wait', '120s');
    kind('load', 'image-archive', await keptArchive(aegisImage()));
  } catch (error) {
    await close();
    throw error;
  }
  progress.say('a cluster of kind');
  return {
    about: {
      kubectl: new Kubectl('kubectl', kubeconfig),
      helm: new Helm('helm', kubeconfig),
      image: AEGIS_IMAGE,
      own: undefined,
    },
    close,
  };
}

async function openOwn(progress: Progress): Promise<OpenCluster> {
  const own = await Kubernetes.start(progress);
  try {
    const archive = await progress.timed('the image of AEGIS is there', () => keptArchive(aegisImage()));
    await progress.timed('and is on every node', () => own.importImage(archive));
  } catch (error) {
    await own.stop();
    throw error;
  }
  const helm = new Helm(own.programs.helm, own.kubeconfig);
  return { about: { kubectl: own.kubectl, helm, image: AEGIS_IMAGE, own }, close: () => own.stop() };
}

function answers(program: string, ask: string): boolean {
  return spawnSync(program, [ask], { stdio: 'ignore', timeout: 10_000 }).status === 0;
}
