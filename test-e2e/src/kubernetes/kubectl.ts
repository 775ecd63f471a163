import { spawn } from 'node:child_process';

const MS_MAX = 120_000;

/** How a call of kubectl ended. */
export interface Said {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** kubectl on a cluster. */
export class Kubectl {
  constructor(
    readonly program: string,
    readonly kubeconfig: string,
    private readonly environment: Readonly<Record<string, string>> = {},
  ) {}

  /** Runs it with `input` on its standard input, whatever the outcome. */
  try(argv: readonly string[], input = ''): Promise<Said> {
    return new Promise((resolve, reject) => {
      const child = spawn(this.program, argv, {
        env: { ...process.env, ...this.environment, KUBECONFIG: this.kubeconfig },
        timeout: MS_MAX,
      });
      let [stdout, stderr] = ['', ''];
      child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
      child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
      child.stdin.on('error', () => {});
      child.stdin.end(input);
      child.once('error', reject);
      child.once('close', (status) => resolve({ status, stdout, stderr }));
    });
  }

  /** Its standard output. Throws with what it said if it fails. */
  async run(...argv: readonly string[]): Promise<string> {
    const { status, stdout, stderr } = await this.try(argv);
    if (status !== 0) throw new Error(`kubectl ${argv.join(' ')}: ${stderr.trim() || stdout.trim()}`);
    return stdout;
  }

  /** An object, or a list, as the API server has it. */
  async get<T>(...argv: readonly string[]): Promise<T> {
    return JSON.parse(await this.run('get', ...argv, '--output=json')) as T;
  }

  /** Applies objects as a server-side apply. Throws with the API server's message if one is refused. */
  async apply(objects: readonly object[], ...argv: readonly string[]): Promise<void> {
    const { status, stderr } = await this.tryApply(objects, ...argv);
    if (status !== 0) throw new Error(`kubectl apply: ${stderr.trim()}`);
  }

  tryApply(objects: readonly object[], ...argv: readonly string[]): Promise<Said> {
    const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
    return this.try(['apply', '--server-side', '--field-manager=aegis-tests', ...argv, '--filename=-'], list);
  }
}
