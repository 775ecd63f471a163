import { type AlertGroup, faultOf } from '@aegis/monitoring';

import type { Outcomes } from './alerts/lanes.js';
import { type AskedQuery, isRight } from './panels/ask-panels.js';

/** Rows as columns of the same width. */
function columns(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, at) => Math.max(...rows.map((row) => row[at]!.length)));
  return rows
    .map((row) =>
      row
        .map((cell, at) => cell.padEnd(widths[at]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** @param later the same queries over the whole run, faults and all */
export function queryTable(queries: readonly AskedQuery[], later: readonly AskedQuery[]): string {
  const rows = queries.map((query, at) => [
    query.dashboard,
    query.panel,
    query.letter,
    `${query.series}`,
    `${later[at]?.series ?? '-'}`,
    verdictOf(query),
  ]);
  return columns([['DASHBOARD', 'PANEL', 'QUERY', 'SERIES', 'WITH FAULTS', ''], ...rows]);
}

function verdictOf(query: AskedQuery): string {
  if (!isRight(query)) return `WRONG: ${query.refused ?? 'no data'}`;
  return query.series > 0 ? 'data' : `nothing, as it may: ${query.mayBeEmpty}`;
}

/** @param fired on the control @param outcomes undefined: no faults were done */
export function alertTable(
  groups: readonly AlertGroup[],
  fired: ReadonlySet<string>,
  outcomes: Outcomes | undefined,
): string {
  const rows = groups
    .flatMap(({ alerts }) => alerts)
    .map(({ name, trigger }) => {
      const silent = fired.has(name) ? 'FIRED' : 'silent';
      return [name, silent, shown(outcomes?.get(name)), faultOf(trigger)];
    });
  return columns([['ALERT', 'LOAD ALONE', 'WITH ITS FAULT', 'FAULT'], ...rows]);
}

function shown(outcome: ReturnType<Outcomes['get']>): string {
  if (outcome === undefined) return 'not tried';
  if (outcome.kind === 'fired') return `fired after ${Math.round(outcome.afterMs / 1000)} s`;
  return `DID NOT FIRE: ${outcome.why.split('\n')[0]!.slice(0, 200)}`;
}
