import { hostname } from 'node:os';
import { parseArgs } from 'node:util';
import { LEASE_SECONDS } from '../election/leader-election.js';

/** A shorter one is lost at every pause of the API server; after a longer one nobody works for too long. */
const LEASE_SECONDS_MIN = 5;
const LEASE_SECONDS_MAX = 300;

export interface OperatorOptions {
  readonly memberImage: string;
  /** The image that has the verifier. */
  readonly verifierImage: string;
  /** The name of the Lease that decides which operator works. */
  readonly election: string;
  /** How long others wait for an operator that fell silent while it worked. */
  readonly leaseSeconds: number;
  /** The namespace that the operator runs in, and its Lease is in. */
  readonly namespace: string;
  /** This process among the operators. */
  readonly identity: string;
  /** Undefined: all namespaces. */
  readonly watchNamespaces: readonly string[] | undefined;
  /** How the API server names the agent. */
  readonly agentUser: string | undefined;
  /** Logins of the agent on the forge: what these merge is never taken over. */
  readonly agentLogins: readonly string[];
  /** Labels of the operator's pods, for the network policies of the members. */
  readonly podLabels: Readonly<Record<string, string>>;
  readonly listen: { readonly host: string; readonly port: number };
}

/** Flags or environment that make no sense; the message says which, and what is expected. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export const USAGE = `aegis-operator: keeps AegisClusters as they are declared

  aegis-operator --member-image=IMAGE [options]
      --member-image=IMAGE      the image of members whose AegisCluster names none
      --verifier-image=IMAGE    the image in which recommendations are verified: the operator's own; default: that of members
      --election=NAME           the Lease by which one of several operators works; default aegis-operator
      --lease-seconds=N         how long others wait for one that fell silent, ${LEASE_SECONDS_MIN} to ${LEASE_SECONDS_MAX}; default ${LEASE_SECONDS}. It gives up the work itself
                                when it could not renew its Lease for two thirds of that
      --namespace=NAME          where that Lease is; default: POD_NAMESPACE, else default
      --watch-namespaces=A,B    look after these namespaces alone; default: all
      --agent-user=NAME         how the API server names the agent
      --agent-login=LOGIN       a login of the agent on the forge, again for more: what it merges is never taken over
      --pod-labels=A=B,C=D      labels of the operator's pods, which the members' network policies let in;
                                default app.kubernetes.io/name=aegis-operator
      --listen=HOST:PORT        where /metrics, /livez and /readyz are served; default 0.0.0.0:8080

  The API server is the one of KUBECONFIG, of ~/.kube/config, or of the pod's service account.

Exit status
   0  stopped as asked
   1  it does not lead any more, or failed: start it again
  64  wrong flags
`;

const NAME = /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/;

/** Reads the command line. Throws UsageError. */
export function parseOptions(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): OperatorOptions | 'help' {
  if (argv.includes('--help') || argv[0] === 'help') return 'help';
  const values = flags(argv);
  const memberImage = values['member-image'];
  if (memberImage === undefined || memberImage.trim() === '')
    throw new UsageError('--member-image: name the image of the members');
  const namespace = named('--namespace', values.namespace ?? env['POD_NAMESPACE'] ?? 'default');
  const watched = values['watch-namespaces']
    ?.split(',')
    .map((each) => named('--watch-namespaces', each.trim()));
  return {
    memberImage,
    verifierImage: imageIn('--verifier-image', values['verifier-image'] ?? memberImage),
    election: named('--election', values.election ?? 'aegis-operator'),
    leaseSeconds: leaseSeconds(values['lease-seconds'] ?? `${LEASE_SECONDS}`),
    namespace,
    // Of two processes of one pod only one lives.
    identity: `${env['POD_NAME'] ?? hostname()}_${process.pid}_${Date.now().toString(36)}`,
    watchNamespaces: watched === undefined ? undefined : [...new Set(watched)],
    agentUser: values['agent-user'],
    agentLogins: values['agent-login'] ?? [],
    podLabels: labels(values['pod-labels'] ?? 'app.kubernetes.io/name=aegis-operator'),
    listen: listenAt(values.listen ?? '0.0.0.0:8080'),
  };
}

function flags(argv: readonly string[]) {
  const text = { type: 'string' } as const;
  try {
    return parseArgs({
      args: [...argv],
      strict: true,
      options: {
        'member-image': text,
        'verifier-image': text,
        election: text,
        'lease-seconds': text,
        namespace: text,
        'watch-namespaces': text,
        'agent-user': text,
        'agent-login': { type: 'string', multiple: true },
        'pod-labels': text,
        listen: text,
      },
    }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function imageIn(flag: string, image: string): string {
  if (image.trim() !== '') return image;
  throw new UsageError(`${flag}: name an image`);
}

function named(flag: string, name: string): string {
  if (NAME.test(name)) return name;
  throw new UsageError(`${flag}: "${name}" is no name of Kubernetes (a-z, 0-9, "-" and ".")`);
}

function leaseSeconds(text: string): number {
  const seconds = Number(text);
  if (/^\d+$/.test(text) && seconds >= LEASE_SECONDS_MIN && seconds <= LEASE_SECONDS_MAX) return seconds;
  throw new UsageError(
    `--lease-seconds: "${text}" is no whole number of ${LEASE_SECONDS_MIN} to ${LEASE_SECONDS_MAX}`,
  );
}

function labels(text: string): Record<string, string> {
  const pairs = text.split(',').map((pair) => {
    const [name = '', value, ...rest] = pair.split('=');
    if (name.trim() === '' || value === undefined || rest.length > 0)
      throw new UsageError(`--pod-labels: "${pair}" is not NAME=VALUE`);
    return [name.trim(), value.trim()];
  });
  return Object.fromEntries(pairs) as Record<string, string>;
}

function listenAt(text: string): { host: string; port: number } {
  const at = text.lastIndexOf(':');
  const port = Number(text.slice(at + 1));
  if (at < 1 || !Number.isInteger(port) || port < 0 || port > 65_535)
    throw new UsageError(`--listen: "${text}" is not HOST:PORT`);
  return { host: text.slice(0, at), port };
}
