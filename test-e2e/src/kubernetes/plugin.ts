import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import type { Stage } from './cases/case.js';
import { Kubectl } from './kubectl.js';

const PROGRAM = fileURLToPath(new URL('../../../operator/bin/kubectl-aegis.js', import.meta.url));

/** The plugin as kubectl finds it: a program of that name on the PATH. */
export class Plugin {
  constructor(private readonly stage: Pick<Stage, 'kubectl' | 'namespace'>) {}

  /** In the stage's namespace. Its standard output; throws with what it said if it fails. */
  async run(...argv: readonly string[]): Promise<string> {
    const { kubectl, namespace } = this.stage;
    const folder = mkdtempSync(join(tmpdir(), 'aegis-plugin-'));
    try {
      symlinkSync(PROGRAM, join(folder, 'kubectl-aegis'));
      const path = [folder, process.env['PATH']].join(delimiter);
      const found = new Kubectl(kubectl.program, kubectl.kubeconfig, { PATH: path });
      return await found.run('aegis', ...argv, '--namespace', namespace);
    } finally {
      rmSync(folder, { recursive: true });
    }
  }
}
