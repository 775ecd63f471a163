import { isAbsolute } from 'node:path';
import { DEFAULT_POLICY, type PolicyConfig } from '../propose/index.js';
import { ConfigError, readConfigFile } from './config-file.js';

/** What `aegis-agent run` needs. Whose cluster it is, and where its members are, the supervisor tells. */
export interface AgentConfig {
  /** The agent's own folder. */
  readonly folder: string;
  /** The supervisor's socket. */
  readonly socket: string;
  /** How the repository is called towards people. */
  readonly repository: string;
  readonly scrapeMs: number;
  /** Where its own page of metrics is served. Undefined: nowhere. */
  readonly metrics: { readonly host: string; readonly port: number } | undefined;
  /** Where the dashboard is served, and by which names people reach it besides those of this machine. Undefined: nowhere. */
  readonly dashboard: { readonly host: string; readonly port: number } | undefined;
  readonly dashboardHosts: readonly string[];
  readonly policy: PolicyConfig;
  /** Files of docs/model.md and docs/notifications.md. Undefined: no model, nobody is told. */
  readonly model: string | undefined;
  readonly webhooks: string | undefined;
}

const NAMES = [
  ...['folder', 'socket', 'repository', 'scrapeMs', 'metrics', 'dashboard', 'dashboardHosts', 'policy'],
  ...['model', 'webhooks'],
];
const HOST = /^(?:\[[0-9a-f:.]{2,45}\]|[a-z0-9](?:[a-z0-9.-]{0,252}))$/i;
const HOSTS_MAX = 16;
const ADDRESS = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]]+)):(\d{1,5})$/;
const TIMES = ['dwellMs', 'validMs', 'restMs'] as const;

/** Throws ConfigError. */
export function readConfig(path: string): AgentConfig {
  const wrong = (what: string): ConfigError => new ConfigError(`${path}: ${what}`);
  const given = readConfigFile(path);
  if (typeof given !== 'object' || given === null || Array.isArray(given)) throw wrong('is no mapping');
  const config = given as Readonly<Record<string, unknown>>;
  const unknown = Object.keys(config).find((name) => !NAMES.includes(name));
  if (unknown !== undefined) throw wrong(`${unknown} is not known; there are ${NAMES.join(', ')}`);
  const path_ = (name: string): string => {
    const value = config[name];
    if (typeof value !== 'string' || !isAbsolute(value)) throw wrong(`${name} has to be an absolute path`);
    return value;
  };
  const optional = (name: string): string | undefined =>
    config[name] === undefined ? undefined : path_(name);
  const { scrapeMs = 5_000, policy = {} } = config;
  if (!Number.isSafeInteger(scrapeMs) || (scrapeMs as number) < 1_000 || (scrapeMs as number) > 60_000)
    throw wrong('scrapeMs has to be 1000 to 60000 milliseconds');
  return {
    folder: path_('folder'),
    socket: path_('socket'),
    repository: path_('repository'),
    scrapeMs: scrapeMs as number,
    metrics: addressOf('metrics', config['metrics'], wrong),
    dashboard: addressOf('dashboard', config['dashboard'], wrong),
    dashboardHosts: hostsOf(config['dashboardHosts'], wrong),
    policy: policyOf(policy, wrong),
    model: optional('model'),
    webhooks: optional('webhooks'),
  };
}

type Wrong = (what: string) => ConfigError;

const EXAMPLES = { metrics: '127.0.0.1:4413', dashboard: '127.0.0.1:4400' } as const;

function addressOf(name: keyof typeof EXAMPLES, given: unknown, wrong: Wrong): AgentConfig['metrics'] {
  if (given === undefined) return undefined;
  const match = typeof given === 'string' ? ADDRESS.exec(given) : null;
  const port = Number(match?.[3]);
  if (match === null || port < 1 || port > 65_535)
    throw wrong(`${name} has to be "host:port", for example "${EXAMPLES[name]}"`);
  return { host: (match[1] ?? match[2])!, port };
}

function hostsOf(given: unknown, wrong: Wrong): readonly string[] {
  if (given === undefined) return [];
  const sound = (host: unknown): host is string => typeof host === 'string' && HOST.test(host);
  if (Array.isArray(given) && given.length <= HOSTS_MAX && given.every(sound)) return given;
  throw wrong(`dashboardHosts has to be a list of at most ${HOSTS_MAX} names of hosts, without ports`);
}

function policyOf(given: unknown, wrong: (what: string) => ConfigError): PolicyConfig {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw wrong('policy is no mapping');
  const policy = given as Readonly<Record<string, unknown>>;
  const unknown = Object.keys(policy).find((name) => !Object.hasOwn(DEFAULT_POLICY, name));
  if (unknown !== undefined)
    throw wrong(`policy.${unknown} is not known; there are ${Object.keys(DEFAULT_POLICY).join(', ')}`);
  for (const name of TIMES) {
    const value = policy[name];
    if (value !== undefined && (!Number.isSafeInteger(value) || (value as number) < 0))
      throw wrong(`policy.${name} has to be a whole number of milliseconds`);
  }
  for (const name of ['mutes', 'windows'] as const)
    if (policy[name] !== undefined && !Array.isArray(policy[name]))
      throw wrong(`policy.${name} has to be a list`);
  return { ...DEFAULT_POLICY, ...(policy as Partial<PolicyConfig>) };
}
