/** The user of the image. Its number is said, so that Kubernetes can see that it is not root. */
const USER = 65_532;

/** What the restricted Pod Security Standard asks of a pod, and that its volumes belong to its user. */
export const POD_SECURITY = {
  runAsNonRoot: true,
  runAsUser: USER,
  runAsGroup: USER,
  fsGroup: USER,
  fsGroupChangePolicy: 'OnRootMismatch',
  seccompProfile: { type: 'RuntimeDefault' },
};

/** And of each of its containers. */
export const CONTAINER_SECURITY = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
};
