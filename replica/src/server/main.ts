#!/usr/bin/env node
import { EXIT, RefusedStart } from './exit.js';
import { DataFolder } from './folder/data-folder.js';
import { parseOptions, USAGE } from './options.js';
import { loadSettings } from './settings-file.js';

/** Each command loads what it needs: what only makes a folder has no use for a server. */
async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2));
  switch (options.command) {
    case 'help':
      process.stdout.write(USAGE);
      return;
    case 'prepare':
      process.stdout.write(`${JSON.stringify({ nonce: DataFolder.prepare(options.data).identity.nonce })}\n`);
      return;
    case 'restore': {
      const { restore } = await import('./backup/restore.js');
      process.stdout.write(`${await restore(options)}\n`);
      return;
    }
    case 'start':
      // What no cluster may run is refused before a server is loaded.
      loadSettings(options);
      await (await import('./start.js')).start(options);
  }
}

main().catch(async (error: unknown) => {
  if (error instanceof RefusedStart) {
    process.stderr.write(`aegis-replica: ${error.message}\n`);
    process.exit(EXIT[error.reason]);
  }
  const { statusOf, text } = await import('./why.js');
  process.stderr.write(`aegis-replica: ${text(error)}\n`);
  process.exit(statusOf(error));
});
