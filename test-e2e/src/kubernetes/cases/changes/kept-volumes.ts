import { eventually } from '../../../harness/clock.js';
import type { Stage } from '../case.js';

/** A policy takes hold a moment after it was written, and is gone a moment after it was deleted. */
const IN_FORCE_MS_MAX = 60_000;

/** While it keeps them, the API server refuses to delete the volumes of a namespace. */
export class KeptVolumes {
  readonly #name: string;
  #keeps = false;

  constructor(readonly stage: Stage) {
    this.#name = `keep-volumes-of-${stage.namespace}`;
  }

  async keep(): Promise<void> {
    const { kubectl, namespace } = this.stage;
    this.#keeps = true;
    const metadata = { name: this.#name };
    const apiVersion = 'admissionregistration.k8s.io/v1';
    const rule = {
      apiGroups: [''],
      apiVersions: ['v1'],
      operations: ['DELETE'],
      resources: ['persistentvolumeclaims'],
    };
    const namespaceSelector = { matchLabels: { 'kubernetes.io/metadata.name': namespace } };
    await kubectl.apply([
      {
        apiVersion,
        kind: 'ValidatingAdmissionPolicy',
        metadata,
        spec: {
          failurePolicy: 'Fail',
          matchConstraints: { namespaceSelector, resourceRules: [rule] },
          validations: [{ expression: 'false', message: 'volumes are kept' }],
        },
      },
      {
        apiVersion,
        kind: 'ValidatingAdmissionPolicyBinding',
        metadata,
        spec: { policyName: this.#name, validationActions: ['Deny'] },
      },
    ]);
    const probe = {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'probe' },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    };
    const here = `--namespace=${namespace}`;
    await kubectl.apply([probe], here);
    await eventually('volumes kept', IN_FORCE_MS_MAX, async () => {
      const { stderr } = await kubectl.try(['delete', 'pvc', 'probe', here, '--dry-run=server']);
      return stderr.includes('volumes are kept') ? true : undefined;
    });
  }

  async release(): Promise<void> {
    if (!this.#keeps) return;
    const { kubectl, namespace } = this.stage;
    for (const kind of ['validatingadmissionpolicybinding', 'validatingadmissionpolicy'])
      await kubectl.run('delete', kind, this.#name, '--ignore-not-found');
    await eventually('volumes kept no more', IN_FORCE_MS_MAX, async () => {
      const { status } = await kubectl.try(['delete', 'pvc', 'probe', `--namespace=${namespace}`]);
      return status === 0 ? true : undefined;
    });
    this.#keeps = false;
  }
}
