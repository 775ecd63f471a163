import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

import { within } from '../../harness/clock.js';
import { Service } from './service.js';

const START_MS_MAX = 10_000;
const COMMAND_MS_MAX = 60_000;
const run = promisify(execFile);

/**
 * A machine of its own as far as Kubernetes can tell: namespaces for processes, mounts, network, names and messages, held by one
 * process. When that ends, for whatever reason, the kernel ends every process in it and takes back its mounts, interfaces and
 * packet filter rules; and it ends when this process does, because it reads from a pipe of ours.
 */
export class Machine {
  readonly name: string;
  /** The holder's process id out here. */
  readonly pid: number;
  readonly #holder: ChildProcess;

  private constructor(name: string, pid: number, holder: ChildProcess) {
    this.name = name;
    this.pid = pid;
    this.#holder = holder;
  }

  /** @param anchor the program of `test-e2e/kubernetes/anchor` */
  static async start(name: string, anchor: string): Promise<Machine> {
    const namespaces = ['--mount', '--net', '--pid', '--uts', '--ipc', '--propagation', 'private'];
    const holder = spawn('unshare', [...namespaces, '--fork', '--kill-child', '--', anchor, 'machine'], {
      // Detached, so that Ctrl-C in a terminal reaches us alone, who then end it in order.
      detached: true,
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    holder.stdin.on('error', () => {});
    const lines = createInterface({ input: holder.stdout });
    const said = Promise.race([once(lines, 'line'), once(lines, 'close')]);
    const [line] = (await within(`the start of machine ${name}`, START_MS_MAX, said)) as [string?];
    if (!/^\d+$/.test(line ?? ''))
      throw new Error(`machine ${name}: unshare could not make its namespaces; what it says stands above`);
    const machine = new Machine(name, Number(line), holder);
    await machine.run('sh', '-euc', MOUNTS);
    await machine.run('hostname', name);
    await machine.run('ip', 'link', 'set', 'lo', 'up');
    return machine;
  }

  /** The id of the process out here that waits for the holder; with it gone, nothing is left of the machine. */
  get keeper(): number {
    return this.#holder.pid!;
  }

  /** Runs a command in it to its end; its standard output. Throws with what it said, if it fails. */
  async run(...argv: readonly string[]): Promise<string> {
    const [program, ...rest] = this.#inside(argv);
    try {
      return (await run(program!, rest, { timeout: COMMAND_MS_MAX, maxBuffer: 64 << 20 })).stdout;
    } catch (error) {
      const { stderr, message } = error as Error & { stderr?: string };
      throw new Error(`${this.name}: ${argv.join(' ')}: ${stderr?.trim() || message}`, { cause: error });
    }
  }

  /** Starts a program in it that goes on; what it says goes to the end of the file `log`. */
  start(name: string, argv: readonly string[], log: string, env: NodeJS.ProcessEnv = {}): Promise<Service> {
    return Service.start(`${name} of ${this.name}`, this.#inside(argv), log, env);
  }

  /** Ends it with all that is in it, as a cut of its power would. */
  async stop(): Promise<void> {
    if (this.#holder.exitCode !== null || this.#holder.signalCode !== null) return;
    const gone = once(this.#holder, 'exit');
    this.#holder.stdin!.end();
    await within(`the end of machine ${this.name}`, START_MS_MAX, gone);
  }

  #inside(argv: readonly string[]): readonly string[] {
    return ['nsenter', '--target', String(this.pid), '-m', '-n', '-p', '-u', '-i', '--', ...argv];
  }
}

/**
 * The settings of the kernel that a kubelet changes if they are not so. They are shared with the machine out here: so it is shown
 * files that have them as it wants, and nothing is changed.
 */
const KERNEL_SETTINGS = {
  'vm/overcommit_memory': 1,
  'vm/panic_on_oom': 0,
  'kernel/panic': 10,
  'kernel/panic_on_oops': 1,
  'kernel/keys/root_maxkeys': 1_000_000,
  'kernel/keys/root_maxbytes': 25_000_000,
};

/** What a machine has of its own: processes, run-time files, logs and states. */
const MOUNTS = `
mount -t proc proc /proc
for own in /run /var/lib /var/log; do mount -t tmpfs -o mode=755 tmpfs $own; done
mkdir -p /run/lock /run/kernel-settings
${Object.entries(KERNEL_SETTINGS).map(shown).join('\n')}
mount --make-rshared /
`;

function shown([setting, value]: readonly [string, number], index: number): string {
  const file = `/run/kernel-settings/${index}`;
  return `echo ${value} > ${file}; mount --bind ${file} /proc/sys/${setting}`;
}
