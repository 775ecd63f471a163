import type { Definition, Member } from './proto.js';

/** The reference of what clients speak, as Markdown. @param files definitions by the name of their file */
export function renderApi(files: ReadonlyMap<string, readonly Definition[]>): string {
  const known = new Set([...files.values()].flat().map(({ name }) => name));
  const parts = [...files].map(([file, definitions]) => {
    const title = file.replace('.proto', '');
    return [
      `## ${title}`,
      `[proto/aegis/v1/${file}](../proto/aegis/v1/${file})`,
      ...definitions.map((each) => render(each, known)),
    ].join('\n\n');
  });
  const services = [...files.values()].flat().filter(({ kind }) => kind === 'service');
  return `${[HEAD, services.map(({ name }) => `[${name}](#${name.toLowerCase()})`).join(' · '), ...parts].join('\n\n')}\n`;
}

const HEAD = `# The API of a cluster

Written by \`npm run docs\` from \`proto/aegis/v1\`; edit that, not this. Package \`aegis.v1\`, gRPC; reflection and health are open. What a call can be
refused with: [errors.md](errors.md). How much one may ask for: [limits.md](limits.md). The resources of Kubernetes: [crds.md](crds.md).`;

function render({ kind, name, comment, members }: Definition, known: ReadonlySet<string>): string {
  const head = [`### ${name}`, ...(comment === '' ? [] : [escaped(comment)])];
  if (members.length === 0) return [...head, 'It has no fields.'].join('\n\n');
  const columns = {
    service: ['call', 'request → answer'],
    message: ['field', 'type', 'number'],
    enum: ['value', 'number'],
  }[kind];
  const rows = members.map((member) => row(kind, member, known));
  return [...head, table([...columns, 'meaning'], rows)].join('\n\n');
}

function row(
  kind: Definition['kind'],
  { name, type, number, comment, choice }: Member,
  known: ReadonlySet<string>,
): string[] {
  const linked = type.replaceAll(/\w+/g, (word) =>
    known.has(word) ? `[${word}](#${word.toLowerCase()})` : word,
  );
  const middle = { service: [linked], message: [linked, number], enum: [number] }[kind];
  const one = choice === undefined ? '' : `One of \`${choice}\`. `;
  return [`\`${name}\``, ...middle, escaped(`${one}${comment}`).trim()];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function escaped(text: string): string {
  return text
    .replaceAll('|', String.raw`\|`)
    .replaceAll('<', '&lt;')
    .replaceAll('*', String.raw`\*`);
}
