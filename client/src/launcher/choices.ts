import type { ClusterFolder } from '../supervisor/cluster-folder.js';
import { alive } from '../supervisor/process-identity.js';
import type { Choice, Menu } from './menu.js';

/** What can be done with the cluster of a folder. Everything is a command line that could be typed as well. */
export function mainMenu(folder: ClusterFolder): Menu {
  return {
    title: 'aegis',
    choices: [
      { label: 'Start', below: startMenu },
      { label: 'Stop', run: ['down'] },
      { label: 'Status', run: ['status'] },
      { label: 'Live view', run: ['top'] },
      { label: 'Chaos', below: () => chaosMenu(folder) },
      { label: 'Incidents', run: ['incidents'] },
      { label: 'Recommendations', run: ['recommendations'] },
      { label: 'Bench', below: benchMenu },
      {
        label: 'Wipe',
        run: ['down', '--volumes'],
        confirm: {
          word: 'wipe',
          loss: `This stops the cluster in ${folder.path} and deletes all of its data, settings and certificates.`,
        },
      },
    ],
  };
}

/** What is there, for people. */
export function about(folder: ClusterFolder): readonly string[] {
  try {
    const state = folder.read();
    if (state === undefined) return [`no cluster in ${folder.path} yet`];
    const { members, profile, supervisor } = state;
    const up = members.filter(({ process }) => process !== null && alive(process)).length;
    const watched = supervisor !== null && alive(supervisor);
    const how = up === 0 ? 'stopped' : `${up} of ${members.length} replicas run`;
    return [
      `${folder.path}: ${how}${up > 0 && !watched ? ', without a supervisor' : ''}, profile ${profile}`,
    ];
  } catch (error) {
    return [(error as Error).message];
  }
}

function startMenu(): Menu {
  return {
    title: 'aegis: start a cluster on this machine',
    choices: [
      { label: 'Five replicas, or the cluster that is there', run: ['up', '--detach'] },
      { label: 'The same, and it takes faults (for chaos)', run: ['up', '--detach', '--allow-faults'] },
      { label: 'Three replicas', run: ['up', '--detach', '--replicas', '3'] },
      { label: 'Locks, leases and elections only', run: ['up', '--detach', '--profile', 'locks'] },
      { label: 'Versioned keys only', run: ['up', '--detach', '--profile', 'kv'] },
    ],
  };
}

/** A trace runs against the cluster here if that fits, else against one of its own. */
async function chaosMenu(folder: ClusterFolder): Promise<Menu> {
  const { libraryNames, loadTrace } = await import('../chaos/library.js');
  const { LocalStage } = await import('../chaos/local/local-stage.js');
  const replicas = LocalStage.whyNot(folder) === undefined ? folder.read()?.members.length : undefined;
  const choices = libraryNames().map((name): Choice => {
    const trace = loadTrace(name);
    const here = replicas === trace.replicas && Object.keys(trace.settings).length === 0;
    return {
      label: `${name}, ${trace.durationMs / 1_000} s`,
      run: ['chaos', 'run', name, ...(here ? [] : ['--own'])],
    };
  });
  const title = 'aegis: chaos, on this cluster where it takes faults, else on one of its own (--own)';
  return { title, choices };
}

function benchMenu(): Menu {
  const clients = ['--clients', '100', '--connections', '10'];
  const choices = [
    { label: 'Locks', run: ['bench', 'lock', ...clients] },
    { label: 'Leases', run: ['bench', 'lease', ...clients] },
    { label: 'Writes of keys', run: ['bench', 'put', ...clients] },
    { label: 'Reads of keys', run: ['bench', 'get', ...clients] },
    { label: 'Both', run: ['bench', 'mix', ...clients] },
    { label: 'Watches', run: ['bench', 'watch', ...clients] },
  ];
  return { title: 'aegis: measure', choices };
}
