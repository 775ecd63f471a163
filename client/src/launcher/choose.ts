import { Keyboard, type KeyInput } from '../terminal/keys.js';
import { Screen, type ScreenOutput } from '../terminal/screen.js';
import type { Style } from '../terminal/style.js';
import { BEGIN, menuLines, press, type Choice, type Menu } from './menu.js';

export interface Tty {
  readonly input: KeyInput;
  readonly output: ScreenOutput;
  readonly style: Style;
}

/** Shows a menu until something is chosen; undefined: somebody goes back. Throws what the signal says; the terminal is restored. */
export async function choose(
  menu: Menu,
  about: () => readonly string[],
  { input, output, style }: Tty,
  signal: AbortSignal,
): Promise<Choice | undefined> {
  signal.throwIfAborted();
  let state = BEGIN;
  const paint = (): void => {
    const { columns, rows } = screen;
    screen.paint(menuLines(menu, state, about(), { columns, rows, style }));
  };
  const screen = new Screen(output, paint);
  const { promise, resolve, reject } = Promise.withResolvers<Choice | undefined>();
  const keyboard = new Keyboard(input, (key) => {
    if (key === 'ctrl-c') return void process.kill(process.pid, 'SIGINT');
    const pressed = press(menu, state, key);
    if (pressed === 'back') return resolve(undefined);
    if ('chosen' in pressed) return resolve(pressed.chosen);
    state = pressed;
    paint();
  });
  const abort = (): void => reject(signal.reason as Error);
  signal.addEventListener('abort', abort, { once: true });
  screen.open();
  keyboard.open();
  try {
    paint();
    return await promise;
  } finally {
    signal.removeEventListener('abort', abort);
    keyboard.close();
    screen.close();
  }
}

/** Waits for any key; Ctrl-C is one. */
export async function anyKey({ input }: Tty, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const keyboard = new Keyboard(input, () => resolve());
  const abort = (): void => reject(signal.reason as Error);
  signal.addEventListener('abort', abort, { once: true });
  keyboard.open();
  try {
    await promise;
  } finally {
    signal.removeEventListener('abort', abort);
    keyboard.close();
  }
}
