import { el } from './elements.js';

const GRAPHEMES_MAX = 48;
/** A grapheme of very many marks is cut, too. */
const UNITS_PER_GRAPHEME = 4;
const TITLE_UNITS_MAX = 256;
/** What is not seen, or turns the direction of what is around it; joiners are part of emoji. */
const UNSEEN = /(?!\u200d)[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Co}]/gu;

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** A name that a client chose, as it can be shown: what is not seen is spelled out, and what is long is cut. */
export function shownName(name: string, graphemesMax = GRAPHEMES_MAX): string {
  if (name === '') return '(empty)';
  const bounded = name.slice(0, graphemesMax * UNITS_PER_GRAPHEME);
  const graphemes = [...segmenter.segment(visible(bounded))].map(({ segment }) => segment);
  const cut = graphemes.length > graphemesMax || bounded.length < name.length;
  return cut ? `${graphemes.slice(0, graphemesMax).join('')}…` : graphemes.join('');
}

/** Isolated from the direction of what is around it. */
export function nameElement(name: string): HTMLElement {
  const shown = shownName(name);
  const whole = visible(name.slice(0, TITLE_UNITS_MAX));
  return el('bdi', shown === name ? {} : { title: whole }, shown);
}

function visible(text: string): string {
  return text.replaceAll(
    UNSEEN,
    (each) => `⟨U+${each.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}⟩`,
  );
}
