/** The candidate that `name` most likely meant, if one is near enough to be worth saying. */
export function closestName(name: string, candidates: readonly string[]): string | undefined {
  let closest: string | undefined;
  let least = Math.max(2, Math.floor(name.length / 3)) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance < least) {
      least = distance;
      closest = candidate;
    }
  }
  return closest;
}

export function unknownName(name: string, candidates: readonly string[]): string {
  const closest = closestName(name, candidates);
  const hint = closest === undefined ? '' : ` Did you mean ${closest}?`;
  return `unknown field.${hint} Allowed: ${candidates.join(', ')}.`;
}

/** Levenshtein's: insertions, deletions and replacements. Long names are cut, as the text comes from outside. */
function editDistance(a: string, b: string): number {
  const [from, to] = [a.slice(0, 64), b.slice(0, 64)];
  let row = Array.from({ length: to.length + 1 }, (_, i) => i);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const replaced = row[j - 1]! + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[to.length]!;
}
