import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { UpCluster } from './up.js';

/** Ada, who merges settings in the clone `config` of a cluster's folder. */
export class Person {
  constructor(private readonly cluster: UpCluster) {}

  git(...args: readonly string[]): string {
    return execFileSync('git', ['-c', 'user.name=ada', '-c', 'user.email=ada@shop.example', ...args], {
      cwd: join(this.cluster.folder, 'config'),
      encoding: 'utf8',
      stdio: 'pipe',
    }).trim();
  }

  /** Merges a branch of the repository, and pushes. The commit of the merge. */
  merge(branch: string): string {
    this.git('pull', '--quiet');
    return this.#merged(`origin/${branch}`);
  }

  /** Writes settings onto a branch of her own, merges it, and pushes. The commit of the merge. */
  mergeSettings(name: string, consensus: Readonly<Record<string, number>>): string {
    this.git('checkout', '--quiet', '-b', name);
    const path = join(this.cluster.folder, 'config', 'cluster.yaml');
    const text = readFileSync(path, 'utf8');
    const lines = Object.entries(consensus).map(([key, value]) => `    ${key}: ${value}`);
    writeFileSync(path, text.replace(/consensus:[\s\S]*$/, `consensus:\n${lines.join('\n')}\n`));
    this.git('commit', '--quiet', '--all', '--message', name);
    this.git('checkout', '--quiet', 'main');
    return this.#merged(name);
  }

  #merged(branch: string): string {
    this.git('merge', '--quiet', '--no-ff', '--no-edit', branch);
    this.git('push', '--quiet');
    return this.git('rev-parse', 'HEAD');
  }
}
