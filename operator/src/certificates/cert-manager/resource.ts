import type { KubeObject } from '../../kube/object.js';
import type { ResourceType } from '../../kube/resource.js';

/** A request to cert-manager (https://cert-manager.io/docs/reference/api-docs/#cert-manager.io/v1.Certificate); the part that is used. */
export interface CertManagerCertificate extends KubeObject {
  readonly spec: {
    readonly secretName: string;
    readonly secretTemplate: { readonly labels: Readonly<Record<string, string>> };
    readonly commonName: string;
    readonly subject: { readonly organizations: readonly string[] };
    readonly dnsNames: readonly string[];
    readonly ipAddresses?: readonly string[];
    readonly usages: readonly string[];
    /** As Go says times: `2160h`. */
    readonly duration: string;
    readonly renewBefore: string;
    readonly privateKey: {
      readonly algorithm: 'ECDSA';
      readonly size: 256;
      readonly rotationPolicy: 'Always';
    };
    readonly issuerRef: { readonly name: string; readonly kind: string; readonly group: string };
  };
}

export const CERTIFICATES: ResourceType<CertManagerCertificate> = {
  group: 'cert-manager.io',
  version: 'v1',
  plural: 'certificates',
  kind: 'Certificate',
};
