import { existsSync } from 'node:fs';
import { readIncidents } from '../config/agent-files.js';
import type { TopIncident } from './view.js';

const SHOWN_MAX = 3;

/** The newest that the agent beside a cluster on this machine saw. Null: there is no agent's folder. */
export function newestIncidents(agentFolder: string | undefined): readonly TopIncident[] | null {
  if (agentFolder === undefined || !existsSync(agentFolder)) return null;
  const { read } = readIncidents(agentFolder);
  const byOnset = read.toSorted((a, b) => a.onset - b.onset);
  return byOnset.slice(-SHOWN_MAX).map(({ id, classes, onset, endedAt, causes: [cause] }) => ({
    id,
    classes,
    onset,
    endedAt: endedAt ?? null,
    cause: cause === undefined ? null : { fault: cause.fault, at: cause.at },
  }));
}
