import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

import type { Progress } from '../progress.js';

/** A program, or the path of one, and the Debian package that brings it. */
const NEEDED: Readonly<Record<string, string>> = {
  containerd: 'containerd',
  ctr: 'containerd',
  runc: 'runc',
  '/usr/lib/cni/bridge': 'containernetworking-plugins',
  iptables: 'iptables',
  ipset: 'ipset',
  conntrack: 'conntrack',
  ethtool: 'ethtool',
  socat: 'socat',
  ip: 'iproute2',
  mount: 'mount',
  nsenter: 'util-linux',
  tar: 'tar',
};

/** Why this machine cannot run it, in words for whoever started it; undefined if it can. */
export function whyNotHere(): string | undefined {
  if (process.platform !== 'linux') return `it needs Linux, and this is ${process.platform}`;
  if (process.getuid?.() !== 0) return 'it needs root: namespaces, mounts and packet filters are made';
  return undefined;
}

/** Installs the packages whose programs are missing. Throws with what to do where that cannot be done. */
export function installPackages(progress: Progress): void {
  const missing = [...new Set(missingPackages())];
  if (missing.length === 0) return;
  if (!found('apt-get'))
    throw new Error(
      `these programs are missing: ${missing.join(', ')} (named as Debian's packages). Install them with this system's own means.`,
    );
  progress.timed(`installed ${missing.join(', ')}`, () => {
    // Debian starts services that it installs, where it can; nobody here has asked for any.
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
    for (const argv of [['update'], ['install', '--yes', '--no-install-recommends', ...missing]]) {
      const { status, stdout, stderr } = spawnSync('apt-get', argv, { encoding: 'utf8', env });
      if (status !== 0) throw new Error(`apt-get ${argv.join(' ')} failed:\n${stdout}${stderr}`);
    }
  });
  const still = missingPackages();
  if (still.length > 0) throw new Error(`installed, and yet without their programs: ${still.join(', ')}`);
}

function missingPackages(): readonly string[] {
  return Object.entries(NEEDED)
    .filter(([program]) => !found(program))
    .map(([, name]) => name);
}

function found(program: string): boolean {
  if (program.startsWith('/')) return existsSync(program);
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => existsSync(join(folder, program)));
}

/** The libraries that a program links, as paths here. */
export function linkedLibraries(program: string): readonly string[] {
  const said = execFileSync('ldd', [program], { encoding: 'utf8' });
  return [...said.matchAll(/(\/\S+) \(0x/g)].map(([, path]) => path!);
}
