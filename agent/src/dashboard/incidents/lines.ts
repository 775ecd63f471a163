import { FAULTS } from '../../diagnose/index.js';
import type { AgentFolder, Contents } from '../../run/agent-folder.js';
import type { IncidentLine, Incidents } from '../page/wire.js';

/** So many are listed at once. */
export const LINES_MAX = 50;

/**
 * The newest incidents, the newest first, out of the agent's folder.
 * @param before only those that are older than the one of this name
 */
export function incidentLines(folder: AgentFolder, before?: string): Incidents {
  const names = folder.names('incidents').filter((name) => before === undefined || name < before);
  const shown = names.slice(-LINES_MAX).toReversed();
  const incidents = shown.flatMap((name) => {
    const state = folder.read('incidents', name);
    // One that is forgotten at this very moment.
    return state === undefined ? [] : [lineOf(state, folder.read('recommendations', name))];
  });
  return { incidents, more: names.length > shown.length };
}

export function lineOf(
  state: Contents['incidents'],
  recommendation: Contents['recommendations'] | undefined,
): IncidentLine {
  const { id, classes, onset, openedAt, endedAt, lastSeen, causes, worked } = state;
  const [first] = causes ?? [];
  return {
    ...{ id, classes, onset, openedAt, lastSeen },
    endedAt: endedAt ?? null,
    cause: first === undefined ? null : `${faultText(first.fault)} (${first.at})`,
    phase: recommendation?.phase ?? null,
    worked: worked === true,
  };
}

/** What a fault is, in words; one that is not known is its own name. */
export function faultText(fault: string): string {
  return Object.hasOwn(FAULTS, fault) ? FAULTS[fault as keyof typeof FAULTS] : fault;
}
