import type { Key } from '../terminal/keys.js';
import { fitted, type Span } from '../terminal/line.js';
import type { Style } from '../terminal/style.js';

/** What can be chosen: a command line to run, or more to choose from. */
export interface Choice {
  readonly label: string;
  /** The words after `aegis`. */
  readonly run?: readonly string[];
  readonly below?: () => Menu | Promise<Menu>;
  /** What is lost; it is done only when its `word` was typed. */
  readonly confirm?: { readonly word: string; readonly loss: string };
}

export interface Menu {
  readonly title: string;
  readonly choices: readonly Choice[];
}

/** Which choice the cursor is on, and what was typed of a word that confirms. */
export interface MenuState {
  readonly at: number;
  /** Undefined: no word is asked for. */
  readonly typed: string | undefined;
  /** What was typed was another word. */
  readonly wrong: boolean;
}

export const BEGIN: MenuState = { at: 0, typed: undefined, wrong: false };
const TYPED_MAX = 20;

/** What a key makes of it: another state, the choice that was made, or that somebody goes back. */
export type Pressed = MenuState | { readonly chosen: Choice } | 'back';

export function press({ choices }: Menu, state: MenuState, key: Key): Pressed {
  if (state.typed !== undefined) return typing(choices[state.at]!, state.typed, state, key);
  const by = (steps: number): MenuState => ({
    ...BEGIN,
    at: (state.at + steps + choices.length) % choices.length,
  });
  const numbered = /^[1-9]$/.test(key) ? choices[Number(key) - 1] : undefined;
  if (numbered !== undefined) return choose(numbered, Number(key) - 1);
  switch (key) {
    case 'up':
    case 'k':
      return by(-1);
    case 'down':
    case 'j':
      return by(1);
    case 'home':
      return BEGIN;
    case 'end':
      return { ...BEGIN, at: choices.length - 1 };
    case 'enter':
      return choose(choices[state.at]!, state.at);
    case 'q':
    case 'escape':
    case 'ctrl-d':
      return 'back';
    default:
      return { ...state, wrong: false };
  }
}

function choose(choice: Choice, at: number): Pressed {
  return choice.confirm === undefined ? { chosen: choice } : { at, typed: '', wrong: false };
}

/** Only the whole word does it; escape takes it back. */
function typing(choice: Choice, typed: string, state: MenuState, key: Key): Pressed {
  if (key === 'escape' || key === 'ctrl-d') return { ...BEGIN, at: state.at };
  if (key === 'backspace') return { ...state, typed: Array.from(typed).slice(0, -1).join(''), wrong: false };
  if (key === 'enter')
    return typed === choice.confirm?.word ? { chosen: choice } : { ...state, typed: '', wrong: true };
  const longer = Array.from(key).length === 1 ? typed + key : typed;
  return { ...state, typed: longer.slice(0, TYPED_MAX), wrong: false };
}

/** @param about what stands above the choices */
export function menuLines(
  { title, choices }: Menu,
  state: MenuState,
  about: readonly string[],
  { columns, rows, style }: { readonly columns: number; readonly rows: number; readonly style: Style },
): string[] {
  const line = (...spans: Span[]): string => fitted(spans, columns, style);
  const head = [line([title, 'bold']), ...about.map((each) => line(each)), ''];
  const foot = footOf(choices[state.at]!, state).map((spans) => line(...spans));
  const listed = choices.map(({ label, run }, at) => {
    const number = at < 9 ? `${at + 1}` : ' ';
    const text = ` ${number}  ${label}`;
    const words = run === undefined ? ' …' : `  aegis ${run.join(' ')}`;
    return at === state.at ? line([`>${text}`, 'inverse'], [words, 'dim']) : line(` ${text}`, [words, 'dim']);
  });
  const room = Math.max(1, rows - head.length - foot.length);
  const first = Math.max(0, Math.min(state.at - Math.floor(room / 2), listed.length - room));
  return [...head, ...listed.slice(first, first + room), ...foot];
}

function footOf({ confirm }: Choice, { typed, wrong }: MenuState): Span[][] {
  if (confirm === undefined || typed === undefined)
    return [[], [['arrows or numbers, Enter; q goes back', 'dim']]];
  const asked = `Type ${confirm.word} and Enter to do it, Esc to leave it: `;
  return [
    [],
    [[confirm.loss, 'red']],
    [asked, [typed, 'bold']],
    ...(wrong ? [[['that is another word: nothing was done', 'yellow']] as Span[]] : []),
  ];
}
