import type { Graph } from './graph.js';

/** The graph as a drawing that GitHub shows (Mermaid): an arrow points at what is imported. */
export function drawing(graph: Graph): string {
  const names = [...new Set([...graph.keys(), ...[...graph.values()].flat()])].sort();
  const nodes = names.map((name) => `  ${idOf(name)}["${name}"]`);
  const arrows = [...graph].flatMap(([from, targets]) =>
    targets.map((to) => `  ${idOf(from)} --> ${idOf(to)}`),
  );
  return ['```mermaid', 'flowchart TD', ...nodes, ...arrows, '```'].join('\n');
}

/** The graph as a table, each row a folder. */
export function listing(graph: Graph): string {
  const rows = [...graph].map(
    ([from, targets]) => `| ${from} | ${targets.length === 0 ? 'nothing' : targets.join(', ')} |`,
  );
  return ['| folder | imports |', '| --- | --- |', ...rows].join('\n');
}

function idOf(name: string): string {
  return `n_${name.replaceAll(/\W/g, '_')}`;
}
