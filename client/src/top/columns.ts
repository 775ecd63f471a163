import type { Look } from '../terminal/line.js';
import { plain } from '../terminal/plain.js';
import { displayWidth } from '../terminal/width.js';
import type { Percentiles } from './histogram.js';
import { bytes, count, ms, rate } from './quantities.js';
import type { TopMember } from './view.js';

/** A column of the table of members. */
export interface Column {
  readonly title: string;
  /** Those of the highest rank stay longest where there is little room. */
  readonly rank: number;
  readonly left?: true;
  cell(member: TopMember): string;
}

const NAME_COLUMNS_MAX = 24;
const GAP = 2;

const both = (value: Percentiles | null): string =>
  value === null ? '-' : `${ms(value.p50)}/${ms(value.p99)}`;

/** From the left to the right. */
const COLUMNS: readonly Column[] = [
  { title: 'ID', rank: 100, cell: ({ id }) => String(id) },
  { title: 'NAME', rank: 62, left: true, cell: ({ name }) => plain(name, NAME_COLUMNS_MAX) },
  { title: 'ROLE', rank: 99, left: true, cell: roleCell },
  { title: 'TERM', rank: 60, cell: ({ term }) => count(term) },
  { title: 'LOG', rank: 48, cell: ({ lastIndex }) => count(lastIndex) },
  { title: '+/s', rank: 35, cell: ({ perSecond }) => rate(perSecond.last) },
  { title: 'COMMIT', rank: 80, cell: ({ commitIndex }) => count(commitIndex) },
  { title: '+/s', rank: 70, cell: ({ perSecond }) => rate(perSecond.commit) },
  { title: 'APPLIED', rank: 45, cell: ({ appliedIndex }) => count(appliedIndex) },
  { title: '+/s', rank: 30, cell: ({ perSecond }) => rate(perSecond.applied) },
  { title: 'FSYNC ms', rank: 75, cell: ({ fsyncMs }) => both(fsyncMs) },
  { title: 'RTT ms', rank: 65, cell: ({ roundTripMs }) => both(roundTripMs) },
  {
    title: 'LOOP ms',
    rank: 55,
    cell: ({ eventLoopMs }) => (eventLoopMs === null ? '-' : ms(eventLoopMs.max)),
  },
  { title: 'MEMORY', rank: 58, cell: ({ memoryBytes }) => bytes(memoryBytes) },
];

/** How the role of a member is shown. */
export function roleLook({ away, role }: TopMember): Look | undefined {
  if (away) return 'red';
  if (role === 'leader') return 'green';
  return role === 'follower' || role === 'learner' ? undefined : 'yellow';
}

/** A column with its cells, as wide as the widest of them. */
export interface FilledColumn {
  readonly column: Column;
  readonly cells: readonly string[];
  readonly width: number;
}

/** As many columns as there is room for. */
export function columnsThatFit(members: readonly TopMember[], room: number): readonly FilledColumn[] {
  const filled = COLUMNS.map((column) => {
    const cells = members.map((member) => column.cell(member));
    return { column, cells, width: Math.max(...[column.title, ...cells].map(displayWidth)) };
  });
  const takes = (chosen: readonly FilledColumn[]): number =>
    chosen.reduce((sum, { width }) => sum + width + GAP, -GAP);
  let chosen: readonly FilledColumn[] = filled;
  while (chosen.length > 1 && takes(chosen) > room) {
    const least = Math.min(...chosen.map(({ column }) => column.rank));
    chosen = chosen.filter(({ column }) => column.rank !== least);
  }
  return chosen;
}

function roleCell({ away, awaySeconds, role }: TopMember): string {
  return away ? `AWAY ${awaySeconds ?? 0} s` : plain(role);
}
