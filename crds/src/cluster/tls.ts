import { group, list } from '../schema/composites.js';
import { choice, objectName, text, whole } from '../schema/scalars.js';
import { optional } from '../schema/schema.js';

export const tls = group(
  'Mutual TLS between replicas and with clients. It cannot be turned off.',
  {
    issuer: choice(
      'Who signs. Operator: an authority of its own for this cluster, kept in a Secret and renewed in time. CertManager: what issuerRef names.',
      ['Operator', 'CertManager'],
      { default: 'Operator' },
    ),
    issuerRef: optional(
      group('The issuer of cert-manager.', {
        name: objectName('Its name.'),
        kind: choice('Its kind.', ['Issuer', 'ClusterIssuer'], { default: 'Issuer' }),
      }),
    ),
    certificateDays: whole(
      'How long a certificate lives, in days. It is renewed when a third of it is left.',
      {
        min: 1,
        max: 397,
        default: 90,
      },
    ),
    clientNames: optional(
      list(
        'More DNS names at which clients reach the cluster, for the certificates of the replicas.',
        text('A DNS name.', {
          min: 1,
          max: 253,
          pattern: '^(\\*\\.)?[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$',
        }),
        { max: 16, merge: 'set' },
      ),
    ),
  },
  {
    default: {},
    rules: [
      {
        // The API server holds the default `{}` itself against the rule, before the defaults of its fields are there.
        rule: "(has(self.issuer) && self.issuer == 'CertManager') == has(self.issuerRef)",
        message: 'issuerRef goes with the issuer CertManager, and with no other',
        reason: 'FieldValueInvalid',
        fieldPath: '.issuerRef',
      },
    ],
  },
);
