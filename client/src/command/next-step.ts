import type { EndpointStatus } from '../cluster/cluster.js';
import {
  PermissionDeniedError,
  RequestTimeoutError,
  UnauthenticatedError,
  UnavailableError,
} from '../errors/index.js';
import { ClusterFolder } from '../supervisor/cluster-folder.js';
import { knownMembers } from '../supervisor/known-members.js';
import type { Reach } from './context.js';
import { CommandFailure, describeError, exitStatus, UsageError } from './exit.js';

/** What the system, TLS and gRPC say when something is wrong that a person can mend; the first that fits counts. */
const SIGNS: readonly (readonly [sign: RegExp, next: string])[] = [
  [
    /ENOTFOUND|EAI_AGAIN|name resolution/i,
    'That name is not known on this machine: see the host in --endpoints',
  ],
  [
    /altname|does not match certificate/i,
    'The certificate there is for other names: call the cluster by one that it has (spec.tls.clientNames on Kubernetes)',
  ],
  [
    /unable to (verify|get)|self.signed|issuer|unknown.ca|alert number 48|decrypt error|signature failure/i,
    'The certificates are of different authorities: give those of this very cluster with --tls (DIR/tls/client of its folder, or the Secret CLUSTER-client)',
  ],
  [
    /expired|not yet valid/i,
    'A certificate is out of its time: get a new one, and see the clock of this machine',
  ],
  [
    /wrong version number|packet length too long|EPROTO/i,
    'No TLS is spoken there: leave --tls out, or see that it is the client port (4410, not those of peers or metrics)',
  ],
  [
    /certificate required|alert number 116|handshake failure/i,
    'It wants a certificate: give one with --tls, or name the folder of the cluster with --dir',
  ],
  [
    /ECONNREFUSED/,
    'Nothing listens there: see that the cluster runs, and that it is the client port (4410 for the first member)',
  ],
  [
    /ECONNRESET|socket hang up|Connection dropped|Failed to connect|protocol error|NGHTTP2|Parse Error/i,
    'It hangs up: it may want TLS (--tls, or --dir of its folder), or be no client port (4410, not those of peers or metrics)',
  ],
];

/** The error with what to do next, where it is one of reaching the cluster. Others are as they were. */
export function withNextStep(error: unknown, reach: Reach): unknown {
  if (error instanceof PermissionDeniedError)
    return pointed(error, "That takes an admin's certificate: --tls DIR/tls/admin of the cluster's folder");
  const unreached =
    error instanceof UnavailableError ||
    error instanceof RequestTimeoutError ||
    error instanceof UnauthenticatedError;
  if (!unreached) return error;
  const next = reach.folder === undefined ? nextOf(error) : nextIn(reach.folder);
  return next === undefined ? error : pointed(error, next);
}

/** None of the replicas that were asked is there. */
export function nobodyAnswers(answers: readonly EndpointStatus[]): UnavailableError {
  const failures = answers.flatMap((each) => ('error' in each ? [each.error] : []));
  const message = ['no replica answers', ...failures.slice(0, 1).map((error) => error.message)].join(': ');
  const cause = failures[0];
  return new UnavailableError('UNAVAILABLE', message, { retryable: true, definite: true, cause });
}

/** What to do about a cluster on this machine that does not answer, or has no leader. */
export function nextIn(folder: ClusterFolder): string | undefined {
  const state = folder.read();
  const dir = `--dir ${folder.path}`;
  if (state === undefined) return `The cluster in ${folder.path} is gone. Start one with: aegis up`;
  const known = knownMembers(state);
  const running = known.filter(({ pid }) => pid !== null).length;
  if (running === 0) return `The cluster in ${folder.path} is stopped. Start it with: aegis up ${dir}`;
  const logs = `their logs are ${folder.path}/logs/*.log`;
  if (running * 2 <= known.length)
    return `Only ${running} of ${known.length} replicas run, which is no quorum: ${logs}. Start all with: aegis down ${dir} && aegis up ${dir}`;
  return `${running} of ${known.length} replicas run, and may still be on their way up: see aegis top ${dir}; ${logs}`;
}

/** There is no cluster in the folder that is meant. @param named it was named, not found */
export function noCluster(folder: ClusterFolder, named: boolean): UsageError {
  const within = new ClusterFolder(`${folder.path}/.aegis`);
  const where = named
    ? `there is none in ${folder.path}`
    : `there is none in ${folder.path}, nor in a .aegis folder above`;
  const next =
    named && within.read() !== undefined
      ? `There is one in it: --dir ${within.path}`
      : 'Start one with: aegis up; or name one with --endpoints or --dir';
  return new UsageError(`no cluster found: ${where}. ${next}`);
}

function nextOf(error: Error): string | undefined {
  const said = saidBy(error);
  return SIGNS.find(([sign]) => sign.test(said))?.[1];
}

/** With what it was caused by. */
function saidBy(error: Error): string {
  const inner = error.cause instanceof Error ? ` ${saidBy(error.cause)}` : '';
  return `${error.message}${inner}`;
}

function pointed(error: Error, next: string): CommandFailure {
  return new CommandFailure(exitStatus(error), `${describeError(error)}. ${next}`);
}
