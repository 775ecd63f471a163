import { parseArgs } from 'node:util';
import { EXIT, PluginError } from './errors.js';

export const COMMANDS = ['status', 'members', 'transfer-leader', 'recommendations', 'report'] as const;
export type CommandName = (typeof COMMANDS)[number];

export interface PluginOptions {
  readonly command: CommandName;
  /** The AegisCluster; undefined: the only one of the namespace. */
  readonly cluster: string | undefined;
  /** Of transfer-leader: the member that is to lead; 0: the most caught-up one. */
  readonly memberId: number;
  readonly kubeconfig: string | undefined;
  readonly context: string | undefined;
  readonly namespace: string | undefined;
  readonly json: boolean;
  /** A folder with ca.crt, tls.crt and tls.key. */
  readonly tls: string | undefined;
  /** Of report: where it goes. */
  readonly output: string | undefined;
  /** Of report: how many lines of each log. */
  readonly tail: number;
}

export const USAGE = `kubectl aegis: look at an AegisCluster, and hand its leadership over

  kubectl aegis status [CLUSTER]               what the operator says of it; without CLUSTER, of all in the namespace
  kubectl aegis members [CLUSTER]              what its members say of themselves
  kubectl aegis transfer-leader [CLUSTER]      hand leadership over (--to ID: to this member)
  kubectl aegis recommendations [CLUSTER]      what the agent proposes, and what became of it
  kubectl aegis report [CLUSTER]               collect what support needs into a .tar.gz (--output FILE.tar.gz or FOLDER)

  -n, --namespace NAME    the namespace (default: the context's)
  --context NAME          the context of the kubeconfig (default: the current one)
  --kubeconfig FILE       (default: KUBECONFIG, else ~/.kube/config)
  --to ID                 transfer-leader: who is to lead (default: the most caught-up member)
  --tls FOLDER            members, transfer-leader: a certificate instead of those in the cluster's Secrets
  --output PATH           report: a new file that ends in .tar.gz, or a new folder (default: aegis-report-CLUSTER-TIME.tar.gz)
  --tail LINES            report: of each log (default: 2000)
  --json                  print JSON
  -h, --help              this

CLUSTER may be left out where the namespace has one only. members and transfer-leader reach the pods by port-forward, with the
certificates in the Secret CLUSTER-client; transfer-leader needs an admin's, see docs/kubectl-plugin.md.
Exit status: 0 done, 1 failed, 2 wrong usage, 3 the API server or the cluster cannot be reached, or nobody leads.
`;

const TAIL_MAX = 100_000;
/** What names of the API look like. */
const NAME = /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/;

/** 'help': the usage is asked for. Throws PluginError with the flag that is wrong. */
export function parseOptions(argv: readonly string[]): PluginOptions | 'help' {
  const { values, positionals } = parsed(argv);
  const [command, cluster, ...more] = positionals;
  if (values.help === true || command === undefined || command === 'help') return 'help';
  if (!isCommand(command))
    throw usage(`there is no command ${JSON.stringify(command)}; there are ${COMMANDS.join(', ')}`);
  if (more.length > 0) throw usage(`${command} takes one CLUSTER; ${JSON.stringify(more[0])} is too many`);
  if (cluster !== undefined) checkName('CLUSTER', cluster);
  if (values.namespace !== undefined) checkName('--namespace', values.namespace);
  if (values.to !== undefined && command !== 'transfer-leader') throw usage('--to is for transfer-leader');
  if (values.output !== undefined && command !== 'report') throw usage('--output is for report');
  return {
    command,
    cluster,
    memberId: values.to === undefined ? 0 : whole('--to', values.to, Number.MAX_SAFE_INTEGER),
    kubeconfig: values.kubeconfig,
    context: values.context,
    namespace: values.namespace,
    json: values.json === true,
    tls: values.tls,
    output: values.output,
    tail: values.tail === undefined ? 2_000 : whole('--tail', values.tail, TAIL_MAX),
  };
}

function parsed(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        help: { type: 'boolean', short: 'h' },
        namespace: { type: 'string', short: 'n' },
        context: { type: 'string' },
        kubeconfig: { type: 'string' },
        json: { type: 'boolean' },
        to: { type: 'string' },
        tls: { type: 'string' },
        output: { type: 'string' },
        tail: { type: 'string' },
      },
    });
  } catch (error) {
    throw usage((error as Error).message);
  }
}

function isCommand(word: string): word is CommandName {
  return (COMMANDS as readonly string[]).includes(word);
}

function checkName(what: string, name: string): void {
  if (!NAME.test(name)) throw usage(`${what}: ${JSON.stringify(name)} is no name of the API`);
}

function whole(flag: string, text: string, max: number): number {
  const value = /^\d{1,16}$/.test(text) ? Number(text) : NaN;
  if (value >= 1 && value <= max) return value;
  throw usage(`${flag}: ${JSON.stringify(text)} is not a whole number from 1 to ${max}`);
}

function usage(message: string): PluginError {
  return new PluginError(`${message}. See: kubectl aegis --help`, EXIT.usage);
}
