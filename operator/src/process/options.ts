import { hostname } from 'node:os';
import { parseArgs } from 'node:util';

export interface OperatorOptions {
  readonly memberImage: string;
  /** The name of the Lease that decides which operator works. */
  readonly election: string;
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
      --election=NAME           the Lease by which one of several operators works; default aegis-operator
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
    election: named('--election', values.election ?? 'aegis-operator'),
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
        election: text,
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

function named(flag: string, name: string): string {
  if (NAME.test(name)) return name;
  throw new UsageError(`${flag}: "${name}" is no name of Kubernetes (a-z, 0-9, "-" and ".")`);
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
