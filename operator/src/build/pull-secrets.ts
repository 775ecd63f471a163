import type { AegisCluster } from '@aegis/crds';

/** With what the images of a cluster's pods are pulled, as a part of their spec. */
export function pullSecretsOf({ spec }: AegisCluster) {
  const { pullSecrets } = spec.image;
  return pullSecrets === undefined
    ? {}
    : { imagePullSecrets: pullSecrets.map((secret) => ({ name: secret })) };
}
