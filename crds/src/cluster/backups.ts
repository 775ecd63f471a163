import { group } from '../schema/composites.js';
import { objectName, text, whole } from '../schema/scalars.js';
import { optional } from '../schema/schema.js';
import { relativePath } from './config-source.js';

export const bootstrap = group('What the cluster begins from; only its creation looks at it.', {
  fromBackup: optional(
    group('A backup that it begins from instead of empty.', {
      claimName: objectName('The PersistentVolumeClaim that holds the file.'),
      path: relativePath('The file in that volume.'),
      digest: text('What `aegis backup verify` prints: 64 hex digits. No other file is taken.', {
        min: 64,
        max: 64,
        pattern: '^[0-9a-f]{64}$',
      }),
    }),
  ),
});

export const backup = group('Backups on a schedule.', {
  schedule: text('When, as five fields of cron in UTC: "15 2 * * *".', {
    min: 9,
    max: 64,
    pattern: '^[0-9*/,-]+ [0-9*/,-]+ [0-9*/,-]+ [0-9*/,-]+ [0-9*/,-]+$',
  }),
  claimName: objectName('The PersistentVolumeClaim that the files go to.'),
  keep: whole('How many files are kept; older ones are deleted once a new one is verified.', {
    min: 1,
    max: 365,
    default: 7,
  }),
});
