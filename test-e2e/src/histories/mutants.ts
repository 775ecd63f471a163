import { type Change, changedReplica, changedText } from '../harness/broken-copy.js';
import type { FaultName } from './nemesis-faults.js';

/** A deliberate defect. */
interface Mutant extends Change {
  readonly what: string;
  /** The faults that it shows under; `BEHIND` unless told. */
  readonly nemesis?: readonly FaultName[];
}

/** Faults that leave some replicas behind the others, without their knowing it. */
export const BEHIND: readonly FaultName[] = ['kill', 'pause', 'partition'];

/**
 * What the checker must catch. Nothing of it is in the product: a copy of what was compiled is changed. All replicas run the same
 * copy, so that they agree with each other: what is wrong shows only in what clients are told.
 */
export const MUTANTS: Readonly<Record<string, Mutant>> = {
  'stale-read': {
    what: 'reads are answered from the state at hand, without asking the quorum',
    file: 'server/driver/reads.js',
    find: '        this.#joining.push({ done, deadline: this.#environment.monotonicMs() + this.#timeoutMs });\n',
    put: '        done(undefined);\n',
  },
  'retry-twice': {
    what: 'a call that is sent again is made again',
    file: 'state/session/at-most-once.js',
    find: '    if (known !== undefined)\n        return { answer: known.result };\n',
    put: `    if (known !== undefined) {
        forget(state, known);
        lease.session.results.delete(sequence);
        lease.session.bytes -= known.bytes;
    }
`,
  },
  'compare-ignored': {
    what: 'a transaction takes an equal number for granted',
    file: 'state/kv/compare.js',
    find: 'return difference === 0;',
    put: 'return true;',
  },
  'two-holders': {
    what: 'a waiter gets a lock that another one holds',
    file: 'state/lock/queue.js',
    find: 'if (!lock.admits(head.terms.mode, head.terms.permits))\n            break;',
    put: '',
  },
  'no-lock-delay': {
    what: 'a lock does not rest after the lease of its holder ended',
    file: 'state/lock/queue.js',
    find: 'if (terms.lockDelayMs === 0)\n        return;',
    put: 'return;',
  },
  'early-expiry': {
    what: 'a lease that was renewed ends after half of its time',
    file: 'state/lease/commands.js',
    find: 'const deadlineMs = state.clock.nowMs + lease.ttlMs;',
    put: 'const deadlineMs = state.clock.nowMs + Math.floor(lease.ttlMs / 2);',
  },
  'late-expiry': {
    what: 'a lease that was renewed ends only after five times its time',
    file: 'state/lease/commands.js',
    find: 'const deadlineMs = state.clock.nowMs + lease.ttlMs;',
    put: 'const deadlineMs = state.clock.nowMs + 5 * lease.ttlMs;',
    // Where nothing is committed for long, a lease may be that late.
    nemesis: ['transfer'],
  },
  'watch-skips': {
    what: 'a watch that is not behind leaves out one revision of fifty',
    file: 'server/api/kv/watcher.js',
    find: 'const { main } = changes[0];',
    put: 'const { main } = changes[0];\n        if (main % 50 === 0)\n            return;',
  },
};

/** The changed text of the mutant's file. Throws when the mutant does not fit what is compiled. */
export function changed(name: string): string {
  return changedText(MUTANTS[name]!);
}

/** Copies the compiled replica into the folder and changes it. Returns the program to run. */
export function plant(name: string, folder: string): string {
  return changedReplica(folder, MUTANTS[name]!);
}
