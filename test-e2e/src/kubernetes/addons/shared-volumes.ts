import { chmodSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import {
  CoreV1Api,
  KubeConfig,
  PatchStrategy,
  setHeaderOptions,
  type V1PersistentVolume,
  type V1PersistentVolumeClaim,
} from '@kubernetes/client-node';

const PROVISIONER = 'aegis.dev/shared-disk';
const ROUND_MS = 500;

/** The class of volumes that every node can reach, because all nodes have one disk; it is the default one. */
export const SHARED_CLASS = {
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: { name: 'shared', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
  provisioner: PROVISIONER,
  reclaimPolicy: 'Delete',
  volumeBindingMode: 'Immediate',
  allowVolumeExpansion: true,
};

/**
 * Makes a folder and a volume for each claim of the class, and removes both when the claim is gone. A claim that grows is given what
 * it asks: to the API as a driver would answer, while on the disk a folder has no size.
 */
export class SharedVolumes {
  readonly #core: CoreV1Api;
  readonly #ended = new AbortController();
  #rounds: Promise<void> = Promise.resolve();

  constructor(
    kubeconfig: string,
    readonly folder: string,
  ) {
    const config = new KubeConfig();
    config.loadFromFile(kubeconfig);
    this.#core = config.makeApiClient(CoreV1Api);
  }

  start(): void {
    this.#rounds = this.#goRound();
  }

  async stop(): Promise<void> {
    this.#ended.abort();
    await this.#rounds;
  }

  async #goRound(): Promise<void> {
    while (!this.#ended.signal.aborted) {
      // An API server that is away is a case of the tests; the next round sees what this one missed.
      await this.#round().catch(() => {});
      await sleep(ROUND_MS, undefined, { signal: this.#ended.signal }).catch(() => {});
    }
  }

  async #round(): Promise<void> {
    const [claims, volumes] = await Promise.all([
      this.#core.listPersistentVolumeClaimForAllNamespaces(),
      this.#core.listPersistentVolume(),
    ]);
    const existing = new Map(volumes.items.map((volume) => [volume.metadata!.name!, volume]));
    for (const claim of claims.items) {
      if (claim.spec?.storageClassName !== SHARED_CLASS.metadata.name) continue;
      const volume = existing.get(nameOf(claim));
      if (volume === undefined && claim.spec.volumeName === undefined) await this.#provide(claim);
      else if (volume?.status?.phase === 'Bound') await this.#grow(claim, volume);
    }
    for (const volume of volumes.items) await this.#reclaim(volume);
  }

  async #provide(claim: V1PersistentVolumeClaim): Promise<void> {
    const { name, namespace, uid, resourceVersion } = claim.metadata!;
    const path = join(this.folder, nameOf(claim));
    mkdirSync(path, { recursive: true });
    // Nobody gives a folder of the host to the pod's group.
    chmodSync(path, 0o777);
    await this.#core.createPersistentVolume({
      body: {
        metadata: { name: nameOf(claim), annotations: { 'pv.kubernetes.io/provisioned-by': PROVISIONER } },
        spec: {
          capacity: { storage: wanted(claim) },
          accessModes: claim.spec!.accessModes!,
          persistentVolumeReclaimPolicy: SHARED_CLASS.reclaimPolicy,
          storageClassName: SHARED_CLASS.metadata.name,
          claimRef: {
            apiVersion: 'v1',
            kind: 'PersistentVolumeClaim',
            name: name!,
            namespace: namespace!,
            uid: uid!,
            resourceVersion: resourceVersion!,
          },
          hostPath: { path, type: 'Directory' },
        },
      },
    });
  }

  async #grow(claim: V1PersistentVolumeClaim, volume: V1PersistentVolume): Promise<void> {
    const storage = wanted(claim);
    const { name, namespace } = claim.metadata!;
    const merge = setHeaderOptions('Content-Type', PatchStrategy.MergePatch);
    if (volume.spec?.capacity?.['storage'] !== storage)
      await this.#core.patchPersistentVolume(
        { name: nameOf(claim), body: { spec: { capacity: { storage } } } },
        merge,
      );
    if (claim.status?.phase === 'Bound' && claim.status.capacity?.['storage'] !== storage)
      await this.#core.patchNamespacedPersistentVolumeClaimStatus(
        { name: name!, namespace: namespace!, body: { status: { capacity: { storage } } } },
        merge,
      );
  }

  async #reclaim(volume: V1PersistentVolume): Promise<void> {
    const { spec, status, metadata } = volume;
    if (spec?.storageClassName !== SHARED_CLASS.metadata.name || status?.phase !== 'Released') return;
    if (spec.persistentVolumeReclaimPolicy !== 'Delete') return;
    rmSync(join(this.folder, metadata!.name!), { recursive: true, force: true });
    await this.#core.deletePersistentVolume({ name: metadata!.name! });
  }
}

const nameOf = (claim: V1PersistentVolumeClaim): string => `pvc-${claim.metadata!.uid!}`;
const wanted = (claim: V1PersistentVolumeClaim): string => claim.spec!.resources!.requests!['storage']!;
