import { immutable } from '../cel/changes.js';
import { group } from '../schema/composites.js';
import { objectName, quantity } from '../schema/scalars.js';
import { optional } from '../schema/schema.js';

export const storage = group(
  'The volume of each member.',
  {
    size: quantity('How large. It may grow, if the storage class can grow volumes; it never shrinks.', {
      default: '10Gi',
      rules: [
        {
          rule: 'quantity(self).compareTo(quantity(oldSelf)) >= 0',
          message: 'a volume cannot shrink. Make a new cluster from a backup (bootstrap.fromBackup) instead',
          reason: 'FieldValueInvalid',
        },
      ],
    }),
    className: optional(objectName("The storage class. Missing: the cluster's default class.")),
  },
  {
    default: {},
    rules: [immutable('className', 'The volumes of one cluster have one storage class.')],
  },
);
