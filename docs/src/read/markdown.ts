/** A piece of a page, with the number of its line, from 1. */
export interface Piece {
  readonly line: number;
  readonly text: string;
}

export interface Fence extends Piece {
  /** The word after the opening: `sh`, `console`, …, or nothing. */
  readonly language: string;
}

/** What the checks look at in one Markdown file. */
export interface Page {
  /** From the root of the repository, with `/`. */
  readonly path: string;
  readonly fences: readonly Fence[];
  /** What stands between single backticks outside of fences. */
  readonly spans: readonly Piece[];
  /** The targets of links and pictures. */
  readonly links: readonly Piece[];
  /** What links may name after `#`. */
  readonly anchors: ReadonlySet<string>;
}

const FENCE = /^\s*(`{3,}|~{3,})\s*([a-z]*)/;
const SPAN = /(?<!`)`([^`]+)`(?!`)/g;
const LINK = /\]\(([^()\s]+)(?:\s+"[^"]*")?\)/g;
const HTML_LINK = /<(?:img|source|a)\s[^>]*(?:src|srcset|href)="([^"]+)"/g;

/** Reads a page. Spans and links are looked for line by line: none here goes over the end of one. */
export function readPage(path: string, text: string): Page {
  const fences: Fence[] = [];
  const spans: Piece[] = [];
  const links: Piece[] = [];
  const anchors = new Set<string>();
  let open: { mark: string; language: string; line: number; lines: string[] } | undefined;
  for (const [at, line] of text.split('\n').entries()) {
    const fence = FENCE.exec(line);
    if (open !== undefined) {
      if (fence !== null && fence[1]!.startsWith(open.mark)) {
        fences.push({ language: open.language, line: open.line, text: open.lines.join('\n') });
        open = undefined;
      } else open.lines.push(line);
    } else if (fence !== null) open = { mark: fence[1]!, language: fence[2]!, line: at + 2, lines: [] };
    else {
      const heading = /^#{1,6}\s+(.*?)\s*$/.exec(line);
      if (heading !== null) anchors.add(freshAnchor(heading[1]!, anchors));
      for (const [, name] of line.matchAll(/<a (?:id|name)="([^"]+)"/g)) anchors.add(name!);
      for (const match of line.matchAll(SPAN)) spans.push({ line: at + 1, text: match[1]! });
      const plain = line.replaceAll(SPAN, '');
      for (const match of plain.matchAll(LINK)) links.push({ line: at + 1, text: match[1]! });
      for (const match of plain.matchAll(HTML_LINK)) links.push({ line: at + 1, text: match[1]! });
    }
  }
  if (open !== undefined) throw new Error(`${path}:${open.line - 1}: a fence is opened and never closed`);
  return { path, fences, spans, links, anchors };
}

/** The anchor that GitHub gives a heading. */
function freshAnchor(heading: string, taken: ReadonlySet<string>): string {
  const words = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
  const anchor = words.replaceAll(/[^\p{L}\p{N}\s_-]/gu, '').replaceAll(/\s/g, '-');
  for (let n = 0; ; n += 1) {
    const name = n === 0 ? anchor : `${anchor}-${n}`;
    if (!taken.has(name)) return name;
  }
}
