import { ask } from './ask.js';
import { byId, el, type Child } from './elements.js';
import { count, lasting } from './format.js';
import { nameElement } from './names.js';
import type { Holdings, HoldingsKind, LeaseHeld, LockHeld } from './wire.js';

const KINDS: readonly HoldingsKind[] = ['leases', 'locks', 'elections'];
const ROWS = 100;
const AGAIN_MS = 5_000;
/** Of so many a page costs a replica some milliseconds: these are looked at again when somebody asks. */
const AGAIN_TOTAL_MAX = 10_000;

/** Leases, locks and elections, page by page. */
export class HoldingsView {
  #kind: HoldingsKind = 'leases';
  /** The cursors of the pages up to this one. */
  #cursors: string[] = [''];
  #page: Holdings | undefined;
  #asked = 0;
  readonly #tabs = KINDS.map((kind) =>
    el(
      'button',
      { type: 'button', role: 'tab', id: `tab-${kind}`, 'aria-controls': 'holdings-panel' },
      title(kind),
    ),
  );
  readonly #first = el('button', { type: 'button' }, 'First');
  readonly #previous = el('button', { type: 'button' }, 'Previous');
  readonly #next = el('button', { type: 'button' }, 'Next');
  readonly #again = el('button', { type: 'button' }, 'Refresh');
  readonly #said = el('p', { class: 'notice', role: 'status', id: 'holdings-said' }, 'Not asked yet.');
  readonly #panel = el('div', { class: 'scrolls', role: 'tabpanel', id: 'holdings-panel', tabindex: 0 });

  constructor() {
    const tabs = el(
      'div',
      { class: 'bar', role: 'tablist', 'aria-label': 'What clients hold' },
      ...this.#tabs,
    );
    const pages = el(
      'div',
      { class: 'bar' },
      this.#first,
      this.#previous,
      this.#next,
      this.#again,
      this.#said,
    );
    byId('holdings').append(tabs, pages, this.#panel);
    for (const [at, tab] of this.#tabs.entries()) {
      tab.addEventListener('click', () => this.#choose(KINDS[at]!));
      tab.addEventListener('keydown', ({ key }) => {
        const by = key === 'ArrowRight' ? 1 : key === 'ArrowLeft' ? KINDS.length - 1 : 0;
        if (by === 0) return;
        const to = (at + by) % KINDS.length;
        this.#tabs[to]!.focus();
        this.#choose(KINDS[to]!);
      });
    }
    this.#first.addEventListener('click', () => this.#goTo(['']));
    this.#previous.addEventListener('click', () => this.#goTo(this.#cursors.slice(0, -1)));
    this.#next.addEventListener('click', () => this.#goTo([...this.#cursors, this.#page?.next ?? '']));
    this.#again.addEventListener('click', () => void this.#load());
  }

  start(): void {
    setInterval(() => {
      if (!document.hidden && (this.#page?.total ?? 0) <= AGAIN_TOTAL_MAX) void this.#load();
    }, AGAIN_MS);
    this.#choose(this.#kind);
  }

  #choose(kind: HoldingsKind): void {
    this.#kind = kind;
    for (const [at, tab] of this.#tabs.entries()) {
      tab.setAttribute('aria-selected', String(KINDS[at] === kind));
      tab.tabIndex = KINDS[at] === kind ? 0 : -1;
    }
    this.#panel.setAttribute('aria-labelledby', `tab-${kind}`);
    this.#panel.replaceChildren();
    this.#goTo(['']);
  }

  #goTo(cursors: string[]): void {
    this.#cursors = cursors.length === 0 ? [''] : cursors;
    void this.#load();
  }

  async #load(): Promise<void> {
    const asked = ++this.#asked;
    const after = this.#cursors.at(-1) ?? '';
    try {
      const page = await ask<Holdings>(`api/${this.#kind}`, { after, limit: String(ROWS) });
      if (asked === this.#asked) this.#show(page);
    } catch (error) {
      // An answer that came late says nothing about what is asked for now.
      if (asked !== this.#asked) return;
      this.#said.textContent = (error as Error).message;
      this.#said.classList.add('bad');
    }
  }

  #show(page: Holdings): void {
    this.#page = page;
    const rows = this.#kind === 'leases' ? leaseRows(page.leases) : lockRows(page.locks);
    const many = page.leases.length + page.locks.length;
    const from = (this.#cursors.length - 1) * ROWS;
    const shown = many === 0 ? 'none here' : `${count(from + 1)} to ${count(from + many)} shown`;
    this.#said.classList.remove('bad');
    this.#said.textContent = `${count(page.total)} ${this.#kind}, ${shown}; as ${page.replica} has applied them at index ${count(page.appliedIndex)}`;
    this.#first.disabled = this.#previous.disabled = this.#cursors.length === 1;
    this.#next.disabled = page.next === null;
    this.#panel.replaceChildren(el('table', { 'aria-label': title(this.#kind) }, ...rows));
  }
}

function leaseRows(leases: readonly LeaseHeld[]): Child[] {
  const rows = leases.map(({ lease, ttlMs, remainingMs, claims, claimCount, keyCount }) =>
    el(
      'tr',
      {},
      el('th', { scope: 'row' }, lease),
      el('td', { class: 'number' }, lasting(ttlMs)),
      el('td', { class: 'number' }, lasting(remainingMs)),
      el('td', { class: 'names' }, ...claims.flatMap(claimParts), more(claimCount - claims.length)),
      el('td', { class: 'number' }, count(keyCount)),
    ),
  );
  return [
    head([['Lease'], ['TTL', true], ['Remaining', true], ['Holds and waits for'], ['Keys', true]]),
    el('tbody', {}, ...rows),
  ];
}

function claimParts({ kind, name, token }: LeaseHeld['claims'][number], at: number): Child[] {
  const state = token > 0 ? ` (${kind}, token ${token})` : ` (${kind}, waits)`;
  return [...(at === 0 ? [] : [el('br')]), nameElement(name), state];
}

function lockRows(locks: readonly LockHeld[]): Child[] {
  const rows = locks.map(({ name, holderCount, waiterCount, holders, waiters }) =>
    el(
      'tr',
      {},
      el('th', { scope: 'row', class: 'names' }, nameElement(name)),
      el('td', { class: 'number' }, count(holderCount)),
      el(
        'td',
        { class: 'names' },
        holders.map(({ lease, token }) => `${lease} (token ${token})`).join(', '),
        more(holderCount - holders.length),
      ),
      el('td', { class: 'number' }, count(waiterCount)),
      el(
        'td',
        { class: 'names' },
        waiters.map(({ lease }) => lease).join(', '),
        more(waiterCount - waiters.length),
      ),
    ),
  );
  return [
    head([
      ['Name'],
      ['Held by', true],
      ['Leases that hold it'],
      ['Waiting', true],
      ['Leases that wait, first come first'],
    ]),
    el('tbody', {}, ...rows),
  ];
}

function head(columns: readonly (readonly [string, true?])[]): HTMLElement {
  const cells = columns.map(([text, numeric]) =>
    el('th', { scope: 'col', class: numeric === true ? 'number' : '' }, text),
  );
  return el('thead', {}, el('tr', {}, ...cells));
}

function more(left: number): string {
  return left > 0 ? ` and ${count(left)} more` : '';
}

function title(kind: HoldingsKind): string {
  return `${kind[0]!.toUpperCase()}${kind.slice(1)}`;
}
