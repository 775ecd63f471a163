import { el, type Child } from '../elements.js';
import type { CauseSeen, EffectSeen } from '../wire.js';

/** From the most to the least likely. */
export function causesList(causes: readonly CauseSeen[]): Child {
  if (causes.length === 0) return el('p', { class: 'notice' }, 'Nothing that was seen explains it.');
  const rows = causes.map(({ fault, text, at, sharePermille }, rank) => {
    const share = `${Math.round(sharePermille / 10)} %`;
    const meter = el(
      'meter',
      { min: 0, max: 1000, value: sharePermille, 'aria-label': `confidence ${share}` },
      share,
    );
    return el(
      'tr',
      {},
      el('td', { class: 'number' }, String(rank + 1)),
      el(
        'th',
        { scope: 'row', class: 'names' },
        `${fault}, ${at}`,
        el('br'),
        el('small', { class: 'quiet' }, text),
      ),
      el('td', {}, el('span', { class: 'share' }, meter, share)),
    );
  });
  const table = el('table', { 'aria-label': 'Ranked causes' }, el('tbody', {}, ...rows));
  return el('div', { class: 'scrolls' }, table);
}

/** What came of the first cause, one after the other. */
export function causePath(first: CauseSeen | undefined, path: readonly EffectSeen[] | null): Child {
  if (path === null)
    return el('p', { class: 'notice' }, 'The path was not kept: this evidence is of an earlier agent.');
  if (first === undefined) return el('p', { class: 'notice' }, 'Without a cause there is no path.');
  const step = (what: string, at: string): HTMLElement => el('li', {}, what, el('small', {}, at));
  return el(
    'ol',
    { class: 'chain' },
    step(first.fault, first.at),
    ...path.map(({ effect, at }) => step(effect, at)),
  );
}
