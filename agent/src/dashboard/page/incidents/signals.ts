import { el, svg, type Child } from '../elements.js';
import { measured, moment } from '../format.js';
import type { SignalSeen } from '../wire.js';

const [WIDTH, HEIGHT] = [160, 16];

/** The signals that made the classes, each against its bound. */
export function signalsTable(signals: readonly SignalSeen[] | null): Child {
  if (signals === null)
    return el('p', { class: 'notice' }, 'Its signals were not kept: this evidence is of an earlier agent.');
  if (signals.length === 0) return el('p', { class: 'notice' }, 'No signal was kept.');
  const now = Date.now();
  const rows = signals.map((signal) => {
    const { text, at, feature, unit, worst, bound, onset, class: name } = signal;
    return el(
      'tr',
      {},
      el('th', { scope: 'row' }, name),
      el(
        'td',
        { class: 'names' },
        `${text}: ${at}`,
        el('br'),
        el('small', { class: 'quiet' }, `${feature}, from ${moment(onset, now)}`),
      ),
      el('td', { class: 'measure' }, barOf(signal)),
      el('td', { class: 'number' }, measured(worst, unit)),
      el('td', { class: 'number' }, measured(bound, unit)),
    );
  });
  const titles: Child[] = ['Class', 'Signal', 'Against its bound'].map((title) =>
    el('th', { scope: 'col' }, title),
  );
  const numbers: Child[] = ['Worst', 'Bound'].map((title) =>
    el('th', { scope: 'col', class: 'number' }, title),
  );
  const head = el('thead', {}, el('tr', {}, ...titles, ...numbers));
  const table = el('table', { 'aria-label': 'Signals' }, head, el('tbody', {}, ...rows));
  return el('div', { class: 'scrolls', tabindex: 0, role: 'region', 'aria-label': 'Signals' }, table);
}

/** The worst value as a bar, its bound as a line through it. */
function barOf({ worst, bound }: SignalSeen): SVGSVGElement {
  const picture = svg('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, 'aria-hidden': 'true' });
  picture.append(svg('rect', { class: 'track', x: 0, y: 4, width: WIDTH, height: 8, rx: 2 }));
  if (worst === null || bound === null) return picture;
  const most = Math.max(Math.abs(worst), Math.abs(bound)) * 1.1;
  const x = (value: number): number => (most === 0 ? 0 : (WIDTH * Math.abs(value)) / most);
  picture.append(
    svg('rect', { class: 'worst', x: 0, y: 4, width: x(worst), height: 8, rx: 2 }),
    svg('line', { class: 'limit', x1: x(bound), x2: x(bound), y1: 0, y2: HEIGHT }),
  );
  return picture;
}
