import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where control groups are mounted, as Linux has it. */
const ROOT = '/sys/fs/cgroup';
const PERIOD_MICROS = 20_000;

/** A share of one processor for one process, by a control group of its own. Linux, as root. */
export class CpuQuota {
  readonly #folder: string;
  readonly #unified = existsSync(join(ROOT, 'cgroup.controllers'));

  /** Throws when control groups cannot be used here. */
  constructor(private readonly pid: number) {
    this.#folder = join(ROOT, this.#unified ? '' : 'cpu', `aegis-chaos-${pid}`);
    try {
      mkdirSync(this.#folder, { recursive: true });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new Error(
        `cpu: a processor's share is limited by a control group, for which root on Linux is needed: ${reason}`,
        { cause: error },
      );
    }
  }

  /** @param percent of one processor */
  limit(percent: number): void {
    const quota = Math.max(1000, Math.round((PERIOD_MICROS * percent) / 100));
    if (this.#unified) this.#write('cpu.max', `${quota} ${PERIOD_MICROS}`);
    else {
      this.#write('cpu.cfs_period_us', `${PERIOD_MICROS}`);
      this.#write('cpu.cfs_quota_us', `${quota}`);
    }
    this.#write('cgroup.procs', `${this.pid}`);
  }

  /** Gives the process back to where all are. */
  lift(): void {
    try {
      writeFileSync(join(ROOT, this.#unified ? '' : 'cpu', 'cgroup.procs'), `${this.pid}`);
    } catch (error) {
      // It has ended.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
    rmdirSync(this.#folder);
  }

  #write(file: string, text: string): void {
    writeFileSync(join(this.#folder, file), text);
  }
}
