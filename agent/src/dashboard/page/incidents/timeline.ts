import { el, svg } from '../elements.js';
import { clock, lasting, moment } from '../format.js';
import type { IncidentLine } from '../wire.js';

/** Of the picture, one unit a pixel, so that texts keep their size. */
const WIDTH_MIN = 320;
const LEFT = 120;
const LANE = 24;
const HOUR_MS = 3_600_000;
const TICKS = 4;

/** Incidents over time, a lane for each class. The list below it says the same to those who do not see it. */
export function timeline(
  incidents: readonly IncidentLine[],
  now: number,
  selected: string | undefined,
  select: (id: string) => void,
  room: number,
): HTMLElement {
  const width = Math.max(WIDTH_MIN, room);
  const ticks = width < 600 ? 1 : TICKS;
  if (incidents.length === 0)
    return el(
      'p',
      { class: 'notice' },
      'No incident so far: the agent looks at all replicas every few seconds.',
    );
  const classes = [...new Set(incidents.flatMap((each) => each.classes))].sort();
  const from = Math.min(now - HOUR_MS, ...incidents.map(({ onset }) => onset));
  const x = (at: number): number => LEFT + ((width - LEFT - 8) * (at - from)) / (now - from);
  const height = classes.length * LANE + 30;
  const picture = svg('svg', { viewBox: `0 0 ${width} ${height}`, 'aria-hidden': 'true' });
  for (const [lane, name] of classes.entries()) {
    const y = lane * LANE + LANE / 2;
    picture.append(
      svg('text', { x: 0, y: y + 4 }, name),
      svg('line', { class: 'lane', x1: LEFT, x2: width - 8, y1: y, y2: y }),
      ...incidents
        .filter((each) => each.classes.includes(name))
        .map((each) => {
          const [begin, end] = [x(each.onset), x(each.endedAt ?? now)];
          const bar = svg('rect', {
            ...{ class: 'span', x: begin, y: y - 7, width: Math.max(6, end - begin), height: 14, rx: 3 },
            ...{ 'data-open': String(each.endedAt === null), 'data-selected': String(each.id === selected) },
          });
          const ends = each.endedAt === null ? 'open' : lasting(each.endedAt - each.onset);
          bar.append(svg('title', {}, `${each.classes.join(', ')} at ${moment(each.onset, now)}, ${ends}`));
          bar.addEventListener('click', () => select(each.id));
          return bar;
        }),
    );
  }
  for (let tick = 0; tick <= ticks; tick++) {
    const at = from + ((now - from) * tick) / ticks;
    const anchor = tick === 0 ? 'start' : tick === ticks ? 'end' : 'middle';
    const text = now - from > 20 * HOUR_MS ? moment(at, now) : clock(at).slice(0, 5);
    picture.append(svg('text', { class: 'quiet', x: x(at), y: height - 6, 'text-anchor': anchor }, text));
  }
  return el('div', { class: 'scrolls' }, picture);
}
