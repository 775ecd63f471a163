import { ask } from '../ask.js';
import { byId, el } from '../elements.js';
import type { IncidentDetail, IncidentLine, Incidents } from '../wire.js';
import { detailParts } from './detail.js';
import { incidentList } from './list.js';
import { timeline } from './timeline.js';

const REDRAW_MS = 10_000;
/** Of a card, both sides, pixels. */
const PADDING = 34;

/** The part of the page about incidents. Which one is shown stands in the page's address. */
export class IncidentsView {
  readonly #timeline = byId('timeline');
  readonly #list = byId('incidents');
  readonly #detail = byId('incident');
  #newest: Incidents = { incidents: [], more: false };
  /** Older ones that were asked for. */
  #older: readonly IncidentLine[] = [];
  #moreOlder = true;
  #known = false;
  #shown = '';

  constructor() {
    window.addEventListener('hashchange', () => this.#draw());
    window.addEventListener('resize', () => this.#known && this.#drawTimeline());
    // What is open grows, and times become earlier days.
    setInterval(() => this.#known && this.#drawTimeline(), REDRAW_MS);
    this.#say('Nothing is known of incidents yet.');
  }

  update(incidents: Incidents): void {
    this.#newest = incidents;
    this.#known = true;
    this.#shown = '';
    this.#draw();
  }

  get #all(): readonly IncidentLine[] {
    const listed = new Set(this.#newest.incidents.map(({ id }) => id));
    return [...this.#newest.incidents, ...this.#older.filter(({ id }) => !listed.has(id))];
  }

  /** The one in the address, or the newest. */
  get #selected(): string | undefined {
    const named = new URLSearchParams(location.hash.slice(1)).get('incident');
    return named ?? this.#newest.incidents[0]?.id;
  }

  #draw(): void {
    if (!this.#known) return;
    const focused =
      document.activeElement instanceof HTMLElement ? document.activeElement.dataset['id'] : undefined;
    this.#drawTimeline();
    this.#list.replaceChildren(incidentList(this.#all, Date.now(), this.#selected, select));
    if (this.#newest.more && this.#moreOlder) this.#list.append(this.#olderButton());
    if (focused !== undefined)
      this.#list.querySelector<HTMLElement>(`[data-id="${CSS.escape(focused)}"]`)?.focus();
    this.#list.hidden = this.#all.length === 0;
    void this.#drawDetail();
  }

  #drawTimeline(): void {
    this.#timeline.replaceChildren(
      timeline(this.#all, Date.now(), this.#selected, select, this.#timeline.clientWidth - PADDING),
    );
  }

  #olderButton(): HTMLElement {
    const button = el('button', { type: 'button' }, 'Older incidents');
    button.addEventListener('click', () => {
      const before = this.#all.at(-1)?.id ?? '';
      ask<Incidents>('api/incidents', { before }).then(
        ({ incidents, more }) => {
          this.#older = [...this.#older, ...incidents];
          this.#moreOlder = more;
          this.#draw();
        },
        (error: Error) => (button.textContent = `${error.message} Try again`),
      );
    });
    return button;
  }

  async #drawDetail(): Promise<void> {
    const id = this.#selected;
    // The timeline says that there was none.
    this.#detail.hidden = id === undefined;
    if (id === undefined || id === this.#shown) return;
    this.#shown = id;
    try {
      const detail = await ask<IncidentDetail>('api/incident', { id });
      if (id === this.#selected) this.#detail.replaceChildren(...detailParts(detail, Date.now()));
    } catch (error) {
      this.#shown = '';
      if (id === this.#selected) this.#say((error as Error).message);
    }
  }

  #say(text: string): void {
    this.#detail.replaceChildren(
      el('h3', { id: 'incident-title' }, 'Incident'),
      el('p', { class: 'notice' }, text),
    );
  }
}

function select(id: string): void {
  location.hash = `incident=${encodeURIComponent(id)}`;
}
