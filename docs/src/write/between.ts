/** The text with what stands between two marks replaced. Throws if they are not there once each, in this order. */
export function between(text: string, [begin, end]: readonly [string, string], content: string): string {
  const [before, rest, ...more] = text.split(begin);
  const [old, after, ...ends] = (rest ?? '').split(end);
  if (rest === undefined || old === undefined || after === undefined || more.length + ends.length > 0)
    throw new Error(`${begin} and ${end} have to be there once, in this order`);
  return `${before}${begin}\n\n${content}\n\n${end}${after}`;
}
