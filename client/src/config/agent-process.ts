import { chownSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ClusterFolder } from '../supervisor/cluster-folder.js';
import { MemberProcess, type MemberEvents } from '../supervisor/member-process.js';
import { layOutSecrets, type AgentSecrets } from './agent-secrets.js';

/** No account of its own is needed: a number that none has, of those that systems give to services for their lifetime. */
const AGENT_UID = 61_184;
/** What the agent's program is made of; nothing else may it read but its own folder. */
const PACKAGES = [
  '@aegis/agent',
  '@aegis/client',
  '@aegis/crds',
  '@aegis/operator',
  '@aegis/proto',
  '@aegis/replica',
];

export interface AgentPlan {
  readonly arguments: readonly string[];
  /** Undefined: as the supervisor's own user. */
  readonly uid: number | undefined;
  /** What it is not kept from, for people. */
  readonly limit: string | undefined;
}

/** Since then `--permission` is no experiment any more. */
const NODE_MAJOR_LEAST = 24;

/** How the agent is started. A text: why it cannot be, here. */
export function planAgent(folder: ClusterFolder): AgentPlan | string {
  const program = packageFolder('@aegis/agent');
  if (program === undefined) return 'it is not part of this installation';
  if (Number(process.versions.node.split('.')[0]) < NODE_MAJOR_LEAST)
    return `it needs Node ${NODE_MAJOR_LEAST} or later, and this is ${process.version}`;
  const kept = [folder.agentPath, folder.agentSecretsPath];
  const readable = [...PACKAGES.map(packageFolder), ...nodeModules(program), ...kept];
  const own = ownUid(folder, program);
  const allowed = readable.filter((path) => path !== undefined).map((path) => `--allow-fs-read=${path}/`);
  return {
    arguments: [
      '--permission',
      ...allowed,
      `--allow-fs-read=${folder.agentConfigPath}`,
      `--allow-fs-write=${folder.agentPath}/`,
      '--import',
      join(program, 'dist', 'no-signals.js'),
      join(program, 'dist', 'main.js'),
      'run',
      '--config',
      folder.agentConfigPath,
    ],
    ...own,
  };
}

/** Where the agent finds what it works with, and what it serves; addresses are `host:port`. */
export interface AgentPlaces {
  readonly repository: string;
  readonly socket: string;
  readonly metrics: string;
  /** Left out: there is no dashboard. */
  readonly dashboard?: string;
}

/** Writes its configuration and makes its folder; then it can be started. */
export function prepareAgent(
  folder: ClusterFolder,
  plan: AgentPlan,
  places: AgentPlaces,
  secrets: AgentSecrets,
  events: MemberEvents,
): MemberProcess {
  mkdirSync(folder.agentPath, { recursive: true, mode: 0o755 });
  if (plan.uid !== undefined) chownSync(folder.agentPath, plan.uid, plan.uid);
  layOutSecrets(secrets, plan.uid);
  const config = { folder: folder.agentPath, ...places, ...secrets.files };
  writeFileSync(folder.agentConfigPath, `${JSON.stringify(config, null, 2)}\n`, { mode: 0o644 });
  return new MemberProcess(
    { name: 'the agent' },
    {
      arguments: plan.arguments,
      logPath: folder.logPath('agent'),
      restart: true,
      uid: plan.uid,
      // Nothing of what this process was told is its business.
      env: { NODE_ENV: 'production' },
    },
    events,
  );
}

function ownUid(folder: ClusterFolder, program: string): Pick<AgentPlan, 'uid' | 'limit'> {
  if (process.getuid?.() !== 0) {
    const limit = 'it runs as your own user: what keeps it from signals and files is Node, not the system';
    return { uid: undefined, limit };
  }
  const closed = [folder.path, program, process.execPath].map(closedTo).find((path) => path !== undefined);
  if (closed === undefined) return { uid: AGENT_UID, limit: undefined };
  return { uid: undefined, limit: `it runs as root, because nobody else may enter ${closed}` };
}

/** The folder on the way to a path that other users may not enter; undefined: there is none. */
function closedTo(path: string): string | undefined {
  for (let at = path; ; at = dirname(at)) {
    if ((statSync(at).mode & 0o001) === 0) return at;
    if (dirname(at) === at) return undefined;
  }
}

/** Where a package of this installation lies; undefined: nowhere. */
function packageFolder(name: string): string | undefined {
  try {
    return dirname(fileURLToPath(import.meta.resolve(`${name}/package.json`)));
  } catch {
    return undefined;
  }
}

/** Every `node_modules` from a package upwards: that is where it finds the others. */
function nodeModules(from: string): string[] {
  const found: string[] = [];
  for (let at = from; ; at = dirname(at)) {
    found.push(join(at, 'node_modules'));
    if (dirname(at) === at) return found;
  }
}
