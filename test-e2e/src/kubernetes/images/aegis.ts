import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, realpathSync } from 'node:fs';
import { join, relative } from 'node:path';

import { linkedLibraries } from '../programs/debian.js';
import type { Image } from './archive.js';

const ROOT = join(import.meta.dirname, '../../../..');
/** The workspaces that run in a cluster. */
const WORKSPACES = ['@aegis/replica', '@aegis/client', '@aegis/operator', '@aegis/agent', '@aegis/sim'];
/** What a workspace ships. */
const SHIPPED = new Set([
  'package.json',
  'bin',
  'dist',
  'gen',
  'yaml',
  'runbooks',
  'dashboard',
  'chaos',
  'pages',
]);
/** Sources and binaries of other systems that the storage's package carries. */
const WITHOUT = [
  '*/@nxtedition/rocksdb/deps',
  '*/@nxtedition/rocksdb/prebuilds.zip',
  '*/@nxtedition/rocksdb/prebuilds/darwin-*',
  '*.test.js',
  '*.map',
  '*.d.ts',
];

/** Where Node looks for what the programs import. */
const MODULES = '/app/node_modules';
const NODE = '/usr/local/bin/node';
/** The one of the dependencies, whichever runs this. */
const NODE_HERE = join(ROOT, 'node_modules/node/bin/node');
export const AEGIS_IMAGE = 'aegis.test/aegis:1';

/** What can be started by its name. */
const COMMANDS = {
  'aegis-replica': '@aegis/replica/bin/aegis-replica.js',
  aegis: '@aegis/client/bin/aegis.js',
  'aegis-operator': '@aegis/operator/bin/aegis-operator.js',
  'aegis-agent': '@aegis/agent/bin/aegis-agent.js',
  'aegis-verifier': '@aegis/sim/bin/aegis-verifier.js',
};
/** By which the commands' first lines find Node. */
const ENV = '/usr/bin/env';

/**
 * Replica, operator, agent, verifier and tools in one image: what was built here, the dependencies that production needs, Node, and the libraries
 * that Node and the storage link. No shell and nothing else. A container says what it runs.
 */
export function aegisImage(name = AEGIS_IMAGE): Image {
  const files: Record<string, string> = {};
  for (const folder of productionFolders()) {
    // A package inside another's folder comes with that one.
    const inside = relative(join(ROOT, 'node_modules'), folder);
    if (inside.startsWith('..')) addWorkspace(files, folder);
    else if (!inside.includes('node_modules')) files[join(MODULES, inside)] = folder;
  }
  const binaries = [NODE_HERE, storageBinding(), ENV];
  for (const library of binaries.flatMap(linkedLibraries)) files[library] = realpathSync(library);
  files[NODE] = NODE_HERE;
  files[ENV] = ENV;
  return {
    name,
    files,
    without: WITHOUT,
    texts: {
      '/etc/passwd': 'root:x:0:0::/:/sbin/nologin\naegis:x:65532:65532::/:/sbin/nologin\n',
      '/etc/group': 'root:x:0:\naegis:x:65532:\n',
    },
    links: Object.fromEntries(
      Object.entries(COMMANDS).map(([name, file]) => [`/usr/local/bin/${name}`, join(MODULES, file)]),
    ),
    folders: ['/tmp', '/var/lib/aegis', '/etc'],
    entrypoint: [NODE],
    env: { PATH: '/usr/local/bin', NODE_ENV: 'production' },
  };
}

/** The folders of the packages that the workspaces need at run time, as npm knows them, the workspaces among them. */
function productionFolders(): readonly string[] {
  const wanted = WORKSPACES.flatMap((workspace) => ['--workspace', workspace]);
  const argv = ['ls', '--omit=dev', '--all', '--parseable', ...wanted];
  const lines = execFileSync('npm', argv, { cwd: ROOT, encoding: 'utf8', maxBuffer: 16 << 20 }).split('\n');
  const folders = lines.filter(
    (line) => line !== '' && line !== ROOT && !line.includes('/node_modules/@types/'),
  );
  return [...new Set(folders.map((folder) => realpathSync(folder)))];
}

function addWorkspace(files: Record<string, string>, folder: string): void {
  const { name } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { name: string };
  for (const entry of readdirSync(folder))
    if (SHIPPED.has(entry)) files[join(MODULES, name, entry)] = join(folder, entry);
}

function storageBinding(): string {
  const folder = join(ROOT, 'node_modules/@nxtedition/rocksdb/prebuilds', `linux-${process.arch}`);
  const [binding] = readdirSync(folder).filter((file) => file.endsWith('.node') && !file.includes('musl'));
  if (binding === undefined) throw new Error(`${folder}: no binary of the storage for this kind of machine`);
  return join(folder, binding);
}
