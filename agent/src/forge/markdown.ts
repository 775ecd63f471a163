/**
 * Text that came from elsewhere, as plain words: it can make no link, mention, table, heading, comment or code out of itself. Names
 * of members and incidents are chosen by whoever runs a cluster.
 */
export function plain(text: string, max = 2_000): string {
  const cut = text.length > max ? `${text.slice(0, max)}…` : text;
  return cut
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/[\\`*_[\]<>|~#]/g, (mark) => `&#${mark.codePointAt(0)};`)
    .replaceAll('@', '&#64;')
    .replaceAll('://', '&#58;//')
    .trim();
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** To the second, UTC. */
export function moment(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}
