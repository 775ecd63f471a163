import { fitted, type Span } from '../terminal/line.js';
import type { Style } from '../terminal/style.js';
import { displayWidth, padTo } from '../terminal/width.js';
import { columnsThatFit, roleLook } from './columns.js';
import { count, rate } from './quantities.js';
import type { TopIncident, TopView } from './view.js';

/** Between facts of one line. */
const BETWEEN = ' · ';

/** What it is painted on. */
export interface Paper {
  readonly columns: number;
  readonly style: Style;
}

/** A view as lines, none wider than the paper. */
export function topLines(view: TopView, paper: Paper): string[] {
  const spans = [
    ...headOf(view).flatMap((facts) => folded(facts, paper.columns)),
    [],
    ...tableOf(view, paper.columns),
    ...incidentsOf(view.incidents),
  ];
  return spans.map((line) => fitted(line, paper.columns, paper.style).trimEnd());
}

/** Facts, line by line. */
function headOf(view: TopView): readonly (readonly Span[])[] {
  const { leader, members, term, profile } = view;
  const there = members.filter(({ away }) => !away).length;
  const leads: Span =
    leader === null ? ['no leader', 'red'] : [`leader ${leader}, term ${count(term)}`, 'green'];
  const up = `${there} of ${members.length} there`;
  return [
    [leads, there === members.length ? up : [up, 'red'], `profile ${profile || 'unknown'}`],
    [
      [`${rate(view.writesPerSecond)} writes/s`, 'bold'],
      `${rate(view.operationsPerSecond)} operations/s`,
      `${count(view.pending)} pending`,
    ],
    [
      `${count(view.leases)} leases`,
      `${count(view.locks)} locks`,
      `${count(view.elections)} elections`,
      `${count(view.waiters)} waiting`,
      `${count(view.watches)} watches`,
    ],
  ];
}

/** Facts on as many lines as they need, each whole where there is room for it. */
function folded(facts: readonly Span[], columns: number): Span[][] {
  const lines: Span[][] = [];
  let width = 0;
  for (const fact of facts) {
    const length = displayWidth(typeof fact === 'string' ? fact : fact[0]);
    const line = lines.at(-1);
    if (line === undefined || width + BETWEEN.length + length > columns) {
      lines.push([fact]);
      width = length;
    } else {
      line.push(BETWEEN, fact);
      width += BETWEEN.length + length;
    }
  }
  return lines;
}

function tableOf({ members }: TopView, columns: number): Span[][] {
  const filled = columnsThatFit(members, columns);
  const padded = (text: string, at: number): string =>
    `${at === 0 ? '' : '  '}${padTo(text, filled[at]!.width, filled[at]!.column.left === true ? 'end' : 'start')}`;
  const head = filled.map(({ column }, at): Span => [padded(column.title, at), 'bold']);
  const rows = members.map((member, row) =>
    filled.map(({ column, cells }, at): Span => {
      const look = column.title === 'ROLE' ? roleLook(member) : member.away ? 'dim' : undefined;
      const text = padded(cells[row]!, at);
      return look === undefined ? text : [text, look];
    }),
  );
  return [head, ...rows];
}

function incidentsOf(incidents: readonly TopIncident[] | null): Span[][] {
  if (incidents === null) return [];
  if (incidents.length === 0) return [[], ['no incidents']];
  return [
    [],
    [['incidents', 'bold']],
    ...incidents.toReversed().map((incident): Span[] => {
      const { classes, onset, endedAt, cause } = incident;
      const when = `${clock(onset)} ${endedAt === null ? 'open' : `to ${clock(endedAt)}`}`;
      const why = cause === null ? '' : `: ${cause.fault} at ${cause.at}`;
      const open: Span = endedAt === null ? [when, 'yellow'] : [when, 'dim'];
      return ['  ', open, `  ${classes.join(', ')}${why}`];
    }),
  ];
}

/** Of the day, in UTC, as the agent's files have it. @param at milliseconds since 1970 */
function clock(at: number): string {
  return new Date(at).toISOString().slice(11, 19);
}
