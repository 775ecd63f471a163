import type { CompletedOption } from './nodes.js';

/** In single quotes, as bash and zsh read them. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** In single quotes, as fish reads them. */
export function fishQuoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

/** The branches of a `case`. */
export function casesOf(branches: readonly (readonly [word: string, does: string])[]): string {
  return branches.map(([word, does]) => `    ${quoted(word)}) ${does} ;;`).join('\n');
}

export function valued({ takes }: CompletedOption): boolean {
  return takes !== undefined;
}
