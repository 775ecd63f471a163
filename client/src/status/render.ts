import { plain } from '../terminal/plain.js';
import { displayWidth, padTo } from '../terminal/width.js';
import type { ClusterStatus } from './collect.js';

/** Rows as text, columns padded; numbers to the right. What is in the cells may come from anybody. */
export function table(header: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const cells = [header, ...rows.map((row) => row.map((cell) => plain(String(cell))))];
  const widths = header.map((_, column) => Math.max(...cells.map((row) => displayWidth(row[column] ?? ''))));
  // A dash stands for a number that is not known, in a column that has numbers.
  const right = header.map(
    (_, column) =>
      rows.some((row) => typeof row[column] === 'number') &&
      rows.every((row) => typeof row[column] === 'number' || row[column] === '-'),
  );
  return cells
    .map((row) =>
      row
        .map((cell, column) => padTo(cell, widths[column]!, right[column] === true ? 'start' : 'end'))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** The cluster at a glance. */
export function renderStatus(status: ClusterStatus): string {
  const healthy = status.members.filter((member) => member.healthy).length;
  const leader = status.leader === null ? 'no leader' : `leader ${status.leader}, term ${status.term}`;
  const head = `${leader} · ${healthy} of ${status.members.length} healthy · profile ${plain(status.profile) || 'unknown'} · ${status.leases} leases, ${status.locks} locks`;
  const rows = status.members.map((member) => [
    member.id,
    member.role,
    member.healthy ? 'yes' : 'NO',
    member.address,
    member.metrics,
    member.pid ?? '-',
    known(member.term),
    known(member.commit),
    known(member.applied),
  ]);
  const header = ['ID', 'ROLE', 'HEALTHY', 'ADDRESS', 'METRICS', 'PID', 'TERM', 'COMMIT', 'APPLIED'];
  return `${head}\n${table(header, rows)}`;
}

function known(value: number): number | string {
  return value < 0 ? '-' : value;
}
