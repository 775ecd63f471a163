import { execFile } from 'node:child_process';
import { join } from 'node:path';

const CHARTS = join(import.meta.dirname, '../../../charts');
const MS_MAX = 300_000;

/** The charts of this tree. */
export const chart = (name: 'aegis-operator' | 'aegis-cluster'): string => join(CHARTS, name);

/** How a call of helm ended. */
export interface HelmSaid {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** helm on a cluster. Values are given as an object, the way a file of values says them. */
export class Helm {
  constructor(
    readonly program: string,
    readonly kubeconfig: string,
  ) {}

  /** Installs a release, or upgrades it to what is said now, and waits for nothing. */
  install(
    release: string,
    namespace: string,
    from: string,
    values: object,
    ...argv: string[]
  ): Promise<string> {
    const flags = ['--namespace', namespace, '--create-namespace', '--values', '-', ...argv];
    return this.run(['upgrade', '--install', release, from, ...flags], JSON.stringify(values));
  }

  async uninstall(release: string, namespace: string, ...argv: string[]): Promise<void> {
    await this.run(['uninstall', release, '--namespace', namespace, '--ignore-not-found', '--wait', ...argv]);
  }

  /** The release's test hooks; what their pods print among what is returned. */
  test(release: string, namespace: string): Promise<string> {
    return this.run(['test', release, '--namespace', namespace, '--logs', '--timeout', '120s']);
  }

  /** Its standard output. Throws with what it said if it fails. */
  async run(argv: readonly string[], input = ''): Promise<string> {
    const { status, stdout, stderr } = await this.try(argv, input);
    if (status !== 0) throw new Error(`helm ${argv.join(' ')}: ${stderr.trim()}\n${stdout.trim()}`.trimEnd());
    return stdout;
  }

  try(argv: readonly string[], input = ''): Promise<HelmSaid> {
    return new Promise((resolve, reject) => {
      const env = { ...process.env, KUBECONFIG: this.kubeconfig };
      const options = { env, timeout: MS_MAX, maxBuffer: 16 << 20 };
      const child = execFile(this.program, argv, options, (error, stdout, stderr) => {
        if (error !== null && typeof error.code !== 'number' && error.killed !== true) reject(error);
        else resolve({ status: error === null ? 0 : Number(error.code ?? 1), stdout, stderr });
      });
      child.stdin?.on('error', () => {});
      child.stdin?.end(input);
    });
  }
}
