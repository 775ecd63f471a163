import { AegisError } from '@aegis/client';
import { plain } from '@aegis/client/terminal';
import { ApiError, ConnectionError } from '../kube/errors.js';
import { EXIT, PluginError } from './errors.js';
import { members, transferLeader } from './members.js';
import { parseOptions, USAGE, type PluginOptions } from './options.js';
import { printed, type Found } from './print.js';
import { recommendations } from './recommendations.js';
import { report } from './report/report.js';
import { statusFound } from './status.js';
import { clusterOf, clustersOf, targetOf } from './target.js';

/** Runs a command line of `kubectl aegis`; returns its exit status. */
export async function run(argv: readonly string[]): Promise<number> {
  try {
    const options = parseOptions(argv);
    if (options === 'help') {
      process.stdout.write(USAGE);
      return EXIT.ok;
    }
    const found = await find(options);
    process.stdout.write(printed(found, options.json));
    return found.status ?? EXIT.ok;
  } catch (error) {
    const [message, status] = told(error);
    process.stderr.write(`kubectl aegis: ${plain(message)}\n`);
    return status;
  }
}

async function find(options: PluginOptions): Promise<Found> {
  const target = targetOf(options);
  const { command, cluster, tls } = options;
  switch (command) {
    case 'status':
      return statusFound(
        cluster === undefined ? await clustersOf(target) : [await clusterOf(target, cluster)],
      );
    case 'members':
      return members(target, await clusterOf(target, cluster), tls);
    case 'transfer-leader':
      return transferLeader(target, await clusterOf(target, cluster), options.memberId, tls);
    case 'recommendations':
      return recommendations(target, cluster);
    case 'report':
      return report(target, await clusterOf(target, cluster), options);
  }
}

/** What is wrong, what to do, and the exit status. */
function told(error: unknown): [message: string, status: number] {
  if (error instanceof PluginError) return [error.message, error.status];
  if (error instanceof ConnectionError)
    return [
      `the API server cannot be reached: ${error.message}. Try: kubectl cluster-info`,
      EXIT.unavailable,
    ];
  if (error instanceof ApiError) {
    const next =
      error.code === 401
        ? '. Log in again'
        : error.code === 403
          ? '. Ask for this right, or choose another --context'
          : '';
    return [`${error.message}${next}`, EXIT.failed];
  }
  if (error instanceof AegisError) return [`${error.message} [${error.code}]`, EXIT.failed];
  return [error instanceof Error ? (error.stack ?? error.message) : String(error), EXIT.failed];
}
