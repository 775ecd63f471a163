import { el, svg, type Child } from '../elements.js';
import { number } from '../format.js';
import type { VerificationSeen } from '../wire.js';
import { scaleOf } from './scale.js';

const [WIDTH, HEIGHT, LEFT, RIGHT] = [440, 150, 56, 16];
const [BEFORE_Y, AFTER_Y, AXIS_Y] = [32, 88, 122];

/** The signal under the settings as they were and as they would be: a dot a run, a line a pair of runs with the same seed. */
export function distributions(made: VerificationSeen): Child {
  const { signal, unit, before, after, low, high, pairs, seeds } = made;
  if (before === null || after === null)
    return el('p', { class: 'notice' }, made.why ?? 'Nothing was compared.');
  const drawn = pairs ?? [];
  const { low: from, high: to, ticks } = scaleOf([0, before, after, ...drawn.flat()]);
  const x = (value: number): number => LEFT + ((WIDTH - LEFT - RIGHT) * (value - from)) / (to - from);
  const said = `${signal.replace(/\.$/, '')}: before ${number(before)}, after ${number(after)} ${unit}, on average of ${seeds} pairs.`;
  const picture = svg('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: 'img', 'aria-label': said });
  picture.append(
    ...drawn.map(([was, is]) =>
      svg('line', { class: 'pair', x1: x(was), y1: BEFORE_Y, x2: x(is), y2: AFTER_Y }),
    ),
    strip(
      'before',
      'Before',
      BEFORE_Y,
      drawn.map(([was]) => x(was)),
      x(before),
    ),
    strip(
      'after',
      'After',
      AFTER_Y,
      drawn.map(([, is]) => x(is)),
      x(after),
    ),
    svg('line', { class: 'axis', x1: LEFT, x2: WIDTH - RIGHT, y1: AXIS_Y, y2: AXIS_Y }),
    ...ticks.flatMap((tick) => [
      svg('line', { class: 'axis', x1: x(tick), x2: x(tick), y1: AXIS_Y, y2: AXIS_Y + 4 }),
      svg('text', { class: 'quiet', x: x(tick), y: AXIS_Y + 18, 'text-anchor': 'middle' }, number(tick)),
    ]),
  );
  const interval =
    low === null || high === null
      ? ''
      : ` The difference is ${number(low)} to ${number(high)} ${unit} (95 % interval).`;
  const kept = pairs === null ? ' The single runs were not kept: only their means are drawn.' : '';
  return el(
    'figure',
    { class: 'distributions' },
    picture,
    el('figcaption', { class: 'quiet' }, `${said}${interval}${kept}`),
  );
}

function strip(name: string, title: string, y: number, dots: readonly number[], mean: number): SVGGElement {
  return svg(
    'g',
    { class: name },
    svg('text', { x: 0, y: y + 4 }, title),
    // Equal runs lie beside each other, not on one another.
    ...dots.map((x, at) => svg('circle', { class: 'dot', cx: x, cy: y + ((at % 5) - 2) * 4, r: 5 })),
    svg('line', { class: 'mean', x1: mean, x2: mean, y1: y - 16, y2: y + 16 }),
  );
}
