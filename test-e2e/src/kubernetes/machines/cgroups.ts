import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const MOUNTED = '/sys/fs/cgroup';

/** The folder of each hierarchy of control groups: one a controller in version 1, a single one in version 2. */
function hierarchies(): readonly string[] {
  if (existsSync(join(MOUNTED, 'cgroup.controllers'))) return [MOUNTED];
  const mounts = readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' '));
  return mounts
    .filter(([, folder, type]) => type?.startsWith('cgroup') === true && folder!.startsWith(MOUNTED))
    .map(([, folder]) => folder!);
}

/** Makes a group, `/a/b`, in every hierarchy, as a kubelet expects to find its root. */
export function makeGroup(group: string): void {
  for (const hierarchy of hierarchies()) {
    let parent = hierarchy;
    for (const name of group.split('/').filter(Boolean)) {
      enableControllers(parent);
      const folder = join(parent, name);
      mkdirSync(folder, { recursive: true });
      copyProcessors(parent, folder);
      parent = folder;
    }
    enableControllers(parent);
  }
}

/** Version 2: children have what their parent passes on. */
function enableControllers(folder: string): void {
  const offered = join(folder, 'cgroup.controllers');
  if (!existsSync(offered)) return;
  const wanted = ['cpu', 'cpuset', 'io', 'memory', 'pids'];
  const there = new Set(readFileSync(offered, 'utf8').trim().split(' '));
  const passed = wanted.filter((name) => there.has(name)).map((name) => `+${name}`);
  writeFileSync(join(folder, 'cgroup.subtree_control'), passed.join(' '));
}

/** Version 1: a new group may run on no processor at all until it is said. */
function copyProcessors(parent: string, folder: string): void {
  for (const file of ['cpuset.cpus', 'cpuset.mems']) {
    const there = join(folder, file);
    if (
      existsSync(there) &&
      readFileSync(there, 'utf8').trim() === '' &&
      !existsSync(join(parent, 'cgroup.controllers'))
    )
      writeFileSync(there, readFileSync(join(parent, file), 'utf8'));
  }
}

/** Removes a group with all below it, as soon as the last process is gone from it. */
export async function removeGroup(group: string, withinMs: number): Promise<void> {
  const endMs = Date.now() + withinMs;
  for (const hierarchy of hierarchies()) {
    for (;;) {
      try {
        removeTree(join(hierarchy, group));
        break;
      } catch (error) {
        if (Date.now() > endMs) throw error;
        await sleep(50);
      }
    }
  }
}

function removeTree(folder: string): void {
  if (!existsSync(folder)) return;
  for (const entry of readdirSync(folder, { withFileTypes: true }))
    if (entry.isDirectory()) removeTree(join(folder, entry.name));
  rmdirSync(folder);
}
