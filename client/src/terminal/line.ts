import { plain } from './plain.js';
import type { Style } from './style.js';
import { displayWidth } from './width.js';

export type Look = keyof Style;
/** A piece of a line, with how it looks if that is not as usual. */
export type Span = string | readonly [text: string, look: Look];

/** A line of pieces, cut to so many columns. What is in them may come from anybody: it is made plain here. */
export function fitted(spans: readonly Span[], columns: number, style: Style): string {
  let room = columns;
  let line = '';
  for (const span of spans) {
    const [text, look] = typeof span === 'string' ? [span, undefined] : span;
    const whole = plain(text);
    const shown = displayWidth(whole) <= room ? whole : plain(whole, room);
    line += look === undefined ? shown : style[look](shown);
    if (shown !== whole) break;
    room -= displayWidth(shown);
  }
  return line;
}
