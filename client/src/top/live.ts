import { setTimeout as sleep } from 'node:timers/promises';
import { Keyboard, type KeyInput } from '../terminal/keys.js';
import { fitted, type Span } from '../terminal/line.js';
import { Screen, type ScreenOutput } from '../terminal/screen.js';
import type { Style } from '../terminal/style.js';
import { wrapped } from '../terminal/wrap.js';
import { HELP } from './help.js';
import { topLines } from './render.js';
import type { TopView } from './view.js';

/** A view, or why there is none this time. */
export type Glance = { readonly view: TopView } | { readonly problem: string };

export interface LiveOptions {
  readonly intervalMs: number;
  /** `1s` */
  readonly interval: string;
  readonly input: KeyInput;
  readonly output: ScreenOutput;
  readonly style: Style;
}

/** Shows views in place until `q` is typed or the signal says so, which it throws on; the terminal is restored either way. */
export async function showLive(
  take: () => Promise<Glance>,
  options: LiveOptions,
  signal: AbortSignal,
): Promise<void> {
  const { input, output } = options;
  const quit = new AbortController();
  const ended = AbortSignal.any([signal, quit.signal]);
  let glance: Glance | undefined;
  let view: TopView | undefined;
  let help = false;
  const paint = (): void => screen.paint(picture({ glance, view, help }, screen, options));
  const screen = new Screen(output, paint);
  const keyboard = new Keyboard(input, (key) => {
    if (key === 'q' || key === 'Q' || key === 'ctrl-d') quit.abort();
    else if (key === 'ctrl-c') process.kill(process.pid, 'SIGINT');
    else if (key === '?' || key === 'h') help = !help;
    else help = false;
    paint();
  });
  screen.open();
  keyboard.open();
  try {
    paint();
    while (!ended.aborted) {
      glance = await Promise.race([take(), aborted(ended)]);
      if (glance === undefined) break;
      if ('view' in glance) view = glance.view;
      paint();
      await sleep(options.intervalMs, undefined, { signal: ended }).catch(() => undefined);
    }
  } finally {
    keyboard.close();
    screen.close();
  }
  signal.throwIfAborted();
}

interface State {
  readonly glance: Glance | undefined;
  /** The newest that there was. */
  readonly view: TopView | undefined;
  readonly help: boolean;
}

function picture({ glance, view, help }: State, { columns, rows }: Screen, options: LiveOptions): string[] {
  const { style, interval } = options;
  const line = (spans: readonly Span[]): string => fitted(spans, columns, style);
  const at = view === undefined ? '' : ` · ${view.at.slice(11, 19)}`;
  const title = line([['aegis top', 'bold'], ['  q quit  ? help', 'dim'], `${at} · every ${interval}`]);
  if (help) return [title, '', ...wrapped(HELP, columns)];
  const problem =
    glance !== undefined && 'problem' in glance
      ? wrapped(glance.problem, columns).map((each) => line([[each, 'red']]))
      : [];
  const shown = view === undefined ? [] : topLines(view, { columns, style });
  const lines = [title, ...problem, ...shown];
  if (view === undefined && glance === undefined) return [title, '', 'asking the replicas …'];
  if (lines.length <= rows) return lines;
  const more = `… ${lines.length - rows + 1} more lines: make the terminal higher`;
  return [...lines.slice(0, rows - 1), line([[more, 'dim']])];
}

async function aborted(signal: AbortSignal): Promise<undefined> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
