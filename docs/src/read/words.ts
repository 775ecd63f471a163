/** Words as the shell would have them, as far as documents need it: quotes join, a `#` after a blank begins a comment. */
export function wordsOf(command: string): string[] {
  const words: string[] = [];
  for (const [part] of command.matchAll(/(?:"(?:\\.|[^"])*"|'[^']*'|\\.|[^\s"'\\])+/g)) {
    if (part.startsWith('#')) break;
    words.push(
      part.replaceAll(
        /"((?:\\.|[^"])*)"|'([^']*)'/g,
        (_, double?: string, single?: string) => double ?? single ?? '',
      ),
    );
  }
  while (/^[A-Z_][A-Z0-9_]*=/.test(words[0] ?? '')) words.shift();
  if (words[0] === 'npx') words.shift();
  return words;
}

/** The commands that a line joins with `&&`, `||`, `;` and ` | `. What is inside of quotes stays together. */
export function simpleCommands(line: string): string[] {
  const commands: string[] = [''];
  for (const [part] of line.matchAll(/"(?:\\.|[^"])*"|'[^']*'|&&|\|\||;|\s\|\s|./gs)) {
    if (['&&', '||', ';'].includes(part.trim()) || /^\s\|\s$/.test(part)) commands.push('');
    else commands[commands.length - 1] += part;
  }
  return commands.map((each) => each.trim()).filter((each) => each !== '');
}

/** `a|b|c` as documents write it for "one of these"; brackets around what may be left out are gone. */
export function alternatives(word: string): string[] {
  return word
    .replaceAll(/^[[(]+|[\])]+$/g, '')
    .split('|')
    .filter((each) => each !== '');
}

/** Words that stand for something to fill in, or for more of the same. */
export function isEllipsis(word: string): boolean {
  return /^(?:…|\.\.\.|\[options\])$/.test(word);
}
