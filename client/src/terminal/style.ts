/** What a text may look like. */
export interface Style {
  bold(text: string): string;
  dim(text: string): string;
  red(text: string): string;
  green(text: string): string;
  yellow(text: string): string;
  /** Light and dark the other way round: what is chosen. */
  inverse(text: string): string;
}

/** What of a stream decides about colours. */
export interface Paper {
  readonly isTTY?: boolean;
}

/** Colours are for terminals that know them and people who did not switch them off (NO_COLOR, see no-color.org; TERM=dumb). */
export function styleFor(paper: Paper, env: NodeJS.ProcessEnv = process.env): Style {
  const off = paper.isTTY !== true || Boolean(env['NO_COLOR']) || env['TERM'] === 'dumb';
  const sgr =
    (on: number, end: number) =>
    (text: string): string =>
      off || text === '' ? text : `\x1b[${on}m${text}\x1b[${end}m`;
  return {
    bold: sgr(1, 22),
    dim: sgr(2, 22),
    red: sgr(31, 39),
    green: sgr(32, 39),
    yellow: sgr(33, 39),
    inverse: sgr(7, 27),
  };
}
