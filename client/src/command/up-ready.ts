import { ClusterFolder, type ClusterState } from '../supervisor/cluster-folder.js';

/** Where people look, as far as it is served. */
interface Pages {
  readonly dashboard: string | undefined;
  readonly chaos: string | undefined;
}

/** What `aegis up --json` says when the cluster is ready. */
export function readyFacts(
  folder: ClusterFolder,
  state: ClusterState,
  warnings: readonly string[],
  { dashboard, chaos }: Pages,
): object {
  const { clusterId, profile, members } = state;
  const endpoints = members.map(({ clientAddress }) => clientAddress);
  const at = new Date().toISOString();
  const facts = { at, message: 'ready', folder: folder.path, clusterId, profile, endpoints, warnings };
  return { ...facts, ...(dashboard !== undefined && { dashboard }), ...(chaos !== undefined && { chaos }) };
}

/** Where npm keeps a project's commands, which no shell finds by itself. */
const OF_A_PROJECT = '/node_modules/.bin/';

/** What people are told then. @param program by which this was started */
export function nextSteps(
  folder: ClusterFolder,
  state: ClusterState,
  { dashboard, chaos }: Pages,
  program = process.argv[1] ?? '',
): string {
  const aegis = program.includes(OF_A_PROJECT) ? 'npx aegis' : 'aegis';
  const endpoints = state.members.map(({ clientAddress }) => clientAddress);
  // The other commands find the folder by themselves only from here or below.
  const dir = ClusterFolder.nearest()?.path === folder.path ? '' : ` --dir ${folder.path}`;
  return [
    `The cluster in ${folder.path} is ready: ${endpoints.join(',')}`,
    ...(dashboard === undefined ? [] : [`The dashboard: ${dashboard}`]),
    ...(chaos === undefined ? [] : [`Faults, at will: ${chaos}`]),
    'Next:',
    `  ${aegis} status${dir}`,
    `  ${aegis} incidents${dir}, ${aegis} recommendations${dir}`,
    `  ${aegis} lock demo${dir} -- sh -c 'echo $AEGIS_FENCING_TOKEN'`,
    `  ${aegis} down${dir}            (its data stays; with --volumes it goes too)`,
  ].join('\n');
}
