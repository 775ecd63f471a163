import { fileURLToPath } from 'node:url';

/** AEGIS_REPLICA_PROGRAM names another replica to test, for example a copy that was broken on purpose. */
export const REPLICA_PROGRAM =
  process.env['AEGIS_REPLICA_PROGRAM'] ??
  fileURLToPath(new URL('../../../replica/dist/server/main.js', import.meta.url));

export const AEGIS_PROGRAM = fileURLToPath(new URL('../../../client/bin/aegis.js', import.meta.url));
