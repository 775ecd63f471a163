/** What is wrong with a documented `aegis-agent …`, `aegis-operator …` or `aegis-replica …`, by what the program prints of its use. */
export function wrongByUsage(words: readonly string[], usage: string): string | undefined {
  const [program, ...rest] = words;
  const flags = new Set([...usage.matchAll(/--[a-z][a-z-]*/g)].map(([flag]) => flag).concat('--help'));
  const unknown = rest
    .flatMap((word) => /^\[?(--[a-z][a-z-]*)/.exec(word)?.[1] ?? [])
    .find((flag) => !flags.has(flag));
  if (unknown !== undefined) return `${program} has no option ${unknown}`;
  const commands = new Set(
    [...usage.matchAll(new RegExp(`${program} ([a-z][a-z-]*)`, 'g'))].map(([, name]) => name),
  );
  const command = rest[0];
  if (command === undefined || !/^[a-z][a-z-]*$/.test(command) || commands.has(command)) return undefined;
  return `${program} has no command ${command}`;
}
