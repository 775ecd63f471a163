/**
 * The part of a text that is the agent's. What people write before and after it stays; once they remove its marks, all of the text is
 * theirs. The marks are comments, so that readers do not see them.
 */
const END = '<!-- aegis:end -->';

function begin(kind: string, id: string): string {
  return `<!-- aegis:${kind} ${id} -->`;
}

export function block(kind: string, id: string, content: string): string {
  // What is inside cannot end it.
  return `${begin(kind, id)}\n${content.replaceAll('<!-- aegis:', '<!- aegis:').trimEnd()}\n${END}`;
}

export function hasBlock(text: string | null, kind: string, id: string): boolean {
  return text?.includes(begin(kind, id)) ?? false;
}

/** The text with the block put in place of its earlier version. Undefined: its marks are gone, the text belongs to people. */
export function replaceBlock(
  text: string | null,
  kind: string,
  id: string,
  content: string,
): string | undefined {
  // GitHub's editor writes CRLF.
  const own = (text ?? '').replaceAll('\r\n', '\n');
  const from = own.indexOf(begin(kind, id));
  const to = own.indexOf(END, from);
  if (from < 0 || to < 0) return undefined;
  return own.slice(0, from) + block(kind, id, content) + own.slice(to + END.length);
}
