import { readFileSync } from 'node:fs';
import { join, posix } from 'node:path';

/** Who imports whom: names by name, both sorted. */
export type Graph = ReadonlyMap<string, readonly string[]>;

const FROM = /^(?:import|export)\b[^;]*?from '([^']+)'|^import '([^']+)'|\bimport\('([^']+)'\)/gms;
const SOURCE = /^(?:\w[\w-]*\/)+?src\/.+\.ts$/;
/** What is there for tests only says nothing of how the parts hang together. */
const FOR_TESTS = /\.test\.ts$|\/testing(?:\/|\.ts$)|testing\.ts$/;

/** Modules that files of the repository import, by file. */
export function importsOf(root: string, paths: Iterable<string>): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, readonly string[]>();
  for (const path of paths) {
    if (!SOURCE.test(path) || FOR_TESTS.test(path)) continue;
    const text = readFileSync(join(root, path), 'utf8');
    found.set(
      path,
      [...text.matchAll(FROM)].map(([, from, bare, lazy]) => (from ?? bare ?? lazy)!),
    );
  }
  return found;
}

/** Between workspaces. */
export function packages(imports: ReadonlyMap<string, readonly string[]>): Graph {
  return collected(
    imports,
    (path) => path.split('/')[0],
    (_, from) => /^@aegis\/([\w-]+)/.exec(from)?.[1],
  );
}

/** Between the folders right beneath a workspace's `src`; files there count as `src`. */
export function folders(imports: ReadonlyMap<string, readonly string[]>, source: string): Graph {
  const folderOf = (path: string): string | undefined => {
    if (!path.startsWith(`${source}/`)) return undefined;
    const rest = path.slice(source.length + 1).split('/');
    return rest.length === 1 ? 'src' : rest[0];
  };
  return collected(imports, folderOf, (path, from) =>
    from.startsWith('.') ? folderOf(posix.join(posix.dirname(path), from)) : undefined,
  );
}

function collected(
  imports: ReadonlyMap<string, readonly string[]>,
  nodeOf: (path: string) => string | undefined,
  targetOf: (path: string, from: string) => string | undefined,
): Graph {
  const edges = new Map<string, Set<string>>();
  for (const [path, modules] of imports) {
    const node = nodeOf(path);
    if (node === undefined) continue;
    const targets = edges.get(node) ?? new Set();
    edges.set(node, targets);
    for (const from of modules) {
      const target = targetOf(path, from);
      if (target !== undefined && target !== node) targets.add(target);
    }
  }
  const sorted = [...edges].sort(([a], [b]) => (a < b ? -1 : 1));
  return new Map(sorted.map(([node, targets]) => [node, [...targets].sort()]));
}

/** The graph without what follows from the rest: where a → b → c, an arrow a → c says nothing new. Cycles keep all theirs. */
export function reduced(graph: Graph): Graph {
  const reaches = (from: string, to: string, seen = new Set<string>()): boolean =>
    (graph.get(from) ?? []).some((next) => {
      if (next === to) return true;
      if (seen.has(next)) return false;
      seen.add(next);
      return reaches(next, to, seen);
    });
  return new Map(
    [...graph].map(([node, targets]) => [
      node,
      targets.filter(
        (target) =>
          !targets.some((other) => other !== target && reaches(other, target) && !reaches(target, other)),
      ),
    ]),
  );
}
