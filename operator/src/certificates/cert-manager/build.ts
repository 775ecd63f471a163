import type { AegisCluster } from '@aegis/crds';
import { labelsOf, metadataOf } from '../../build/names.js';
import { servedNames } from '../names.js';
import { ROLES } from '../source.js';
import { CERTIFICATES, type CertManagerCertificate } from './resource.js';

/** Who gets a certificate of cert-manager: the operator too, because it has no key of the authority to issue its own with. */
export const ASKED = ['member', 'client', 'admin'] as const;
export type Asked = (typeof ASKED)[number];

export const ROLES_ASKED = { ...ROLES, admin: 'aegis:admin' } as const;

/** The Secret that cert-manager writes. It is in no pod: what is in it is looked at before members get it. */
export function issuedSecret(cluster: string, asked: Asked): string {
  return `${cluster}-${asked}-issued`;
}

/** The request for one of them. The cluster's spec names an issuer: the API server sees to that. */
export function buildCertificate(
  cluster: AegisCluster,
  asked: Asked,
  clusterDomain: string,
): CertManagerCertificate {
  const { name } = cluster.metadata;
  const { certificateDays, issuerRef } = cluster.spec.tls;
  const { dnsNames, addresses } = servedNames(cluster, clusterDomain);
  const holder = `${name}-${asked}`;
  return {
    apiVersion: `${CERTIFICATES.group}/${CERTIFICATES.version}`,
    kind: CERTIFICATES.kind,
    metadata: metadataOf(cluster, holder),
    spec: {
      secretName: issuedSecret(name, asked),
      secretTemplate: { labels: labelsOf(name) },
      commonName: holder,
      // The role: members go by it.
      subject: { organizations: [ROLES_ASKED[asked]] },
      // Some issuers refuse a certificate without any name.
      ...(asked === 'member' ? { dnsNames, ipAddresses: addresses } : { dnsNames: [holder] }),
      usages: ['digital signature', 'client auth', ...(asked === 'member' ? ['server auth'] : [])],
      duration: `${certificateDays * 24}h`,
      renewBefore: `${certificateDays * 8}h`,
      privateKey: { algorithm: 'ECDSA', size: 256, rotationPolicy: 'Always' },
      issuerRef: { name: issuerRef!.name, kind: issuerRef!.kind, group: CERTIFICATES.group },
    },
  };
}
