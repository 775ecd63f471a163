import { parseArgs } from 'node:util';
import { EvidenceError } from '../evidence/index.js';
import { isForKubernetes, readKubernetesConfig } from '../kubernetes/config.js';
import { ModelError } from '../model/index.js';
import { NotifyError } from '../notify/index.js';
import { RunbookError } from '../retrieve/index.js';
import { AgentFolderError } from './agent-folder.js';
import { ConfigError } from './config-file.js';
import { readConfig } from './config.js';
import { runAgent } from './run.js';

export const RUN_USAGE = `usage: aegis-agent run --config FILE

Watches the cluster of the supervisor that the file names, until it is stopped. Incidents and recommendations are files in its folder. With
"kubernetes" in the file it watches the AegisClusters of a Kubernetes instead, and both are resources there.`;

const EXIT = { ok: 0, usage: 64, damaged: 65, failed: 70 } as const;

/** `aegis-agent run`, until SIGTERM or SIGINT: its exit status. Lines go to stderr. */
export async function runCommand(argv: readonly string[]): Promise<number> {
  const say = (line: string): void => void process.stderr.write(`${new Date().toISOString()} ${line}\n`);
  let file: string | undefined;
  try {
    ({ config: file } = parseArgs({ args: [...argv], options: { config: { type: 'string' } } }).values);
  } catch (error) {
    say((error as Error).message);
  }
  if (file === undefined) {
    say(RUN_USAGE);
    return EXIT.usage;
  }
  const ended = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => ended.abort());
  try {
    if (isForKubernetes(file)) {
      // Only there is a client of Kubernetes loaded.
      const { runInKubernetes } = await import('../kubernetes/run.js');
      await runInKubernetes(readKubernetesConfig(file), ended.signal, say);
    } else await runAgent(readConfig(file), ended.signal, say);
    return EXIT.ok;
  } catch (error) {
    if (error instanceof ModelError || error instanceof NotifyError || error instanceof RunbookError) {
      say(error.message);
      return EXIT.usage;
    }
    if (error instanceof ConfigError || error instanceof EvidenceError || error instanceof AgentFolderError) {
      say(error.message);
      return error instanceof ConfigError ? EXIT.usage : EXIT.damaged;
    }
    say((error as Error).stack ?? String(error));
    return EXIT.failed;
  }
}
