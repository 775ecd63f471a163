export interface Signature {
  readonly name: string;
  readonly email: string;
  /** ISO 8601, whole seconds. */
  readonly date: string;
}

export interface Commit {
  readonly sha: string;
  readonly tree: string;
  readonly parents: readonly string[];
  readonly author: Signature;
  readonly committer: Signature;
  readonly message: string;
}

export type NewCommit = Omit<Commit, 'sha'>;

const SIGNATURE = /^(.*) <(.*)> (\d+) [+-]\d{4}$/;

/** A commit as git stores it. */
export function encodeCommit({ tree, parents, author, committer, message }: NewCommit): Buffer {
  const lines = [
    `tree ${tree}`,
    ...parents.map((parent) => `parent ${parent}`),
    `author ${encodeSignature(author)}`,
    `committer ${encodeSignature(committer)}`,
  ];
  return Buffer.from(`${lines.join('\n')}\n\n${message}`);
}

export function parseCommit(sha: string, body: Buffer): Commit {
  const text = body.toString();
  const end = text.indexOf('\n\n');
  const fields = text.slice(0, end).split('\n');
  const all = (name: string): string[] => {
    return fields.filter((line) => line.startsWith(`${name} `)).map((line) => line.slice(name.length + 1));
  };
  return {
    sha,
    tree: all('tree')[0]!,
    parents: all('parent'),
    author: parseSignature(all('author')[0]!),
    committer: parseSignature(all('committer')[0]!),
    message: text.slice(end + 2).trimEnd(),
  };
}

function encodeSignature({ name, email, date }: Signature): string {
  const seconds = Date.parse(date) / 1000;
  if (!Number.isInteger(seconds)) throw new Error(`"${date}" is no date in whole seconds`);
  // These would end the name: git leaves them out, too.
  const clean = (text: string): string => text.replace(/[<>\n\0]/g, '').trim();
  return `${clean(name)} <${clean(email)}> ${seconds} +0000`;
}

function parseSignature(text: string): Signature {
  const [, name = '', email = '', seconds = ''] = SIGNATURE.exec(text) ?? [];
  return { name, email, date: new Date(Number(seconds) * 1000).toISOString().replace('.000Z', 'Z') };
}
