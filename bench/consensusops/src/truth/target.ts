import { existsSync, readFileSync } from 'node:fs';
import type { TlsOptions } from '@aegis/client/channel';

/** A member as those who look at it need it. Plain data: it goes to another thread. */
export interface TargetMember {
  readonly id: number;
  readonly name: string;
  /** host:port */
  readonly client: string;
  readonly metrics: string;
  /** Where its faults are ordered, and shown. */
  readonly faults: string;
}

/** A cluster that is looked at. */
export interface Target {
  readonly members: readonly TargetMember[];
  readonly tls: TlsOptions | undefined;
  /** The file in which its supervisor keeps which processes run. */
  readonly stateFile: string;
}

/** The process of each member, by its id; those that do not run are not in it. */
export function runningPids({ stateFile }: Target): ReadonlyMap<number, number> {
  let state: { readonly members: readonly { id: number; process: { pid: number } | null }[] };
  try {
    state = JSON.parse(readFileSync(stateFile, 'utf8')) as typeof state;
  } catch {
    return new Map();
  }
  return new Map(
    state.members.flatMap(({ id, process }): [number, number][] =>
      process !== null && existsSync(`/proc/${process.pid}`) ? [[id, process.pid]] : [],
    ),
  );
}
