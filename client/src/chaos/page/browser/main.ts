/** The page of traces: what it shows comes from the supervisor, and stays text. */
interface Offer {
  readonly name: string;
  readonly about: string;
  readonly durationMs: number;
  readonly misfit?: string;
}

interface Run {
  readonly trace: string;
  readonly beganAt: number;
  readonly lines: readonly string[];
  readonly ended?: { readonly status: number; readonly result?: { readonly sli?: Sli } };
}

interface Sli {
  readonly ok: number;
  readonly failed: number;
  readonly longestGapMs: number;
}

const ASK_EVERY_MS = 500;
/** What a status of `aegis chaos run` means. */
const HOW: Readonly<Record<number, string>> = {
  0: 'It is over, and undone.',
  130: 'It was stopped, and what it did is undone.',
};
const token = location.hash.slice(1);
/** Why the last order was refused: shown until the next one. */
let refused: string | undefined;
const offers = new Map<string, { readonly offer: Offer; readonly button: HTMLButtonElement }>();

function byId(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no element ${id}`);
  return found;
}

function element(tag: 'h3' | 'p' | 'div', text: string, name = ''): HTMLElement {
  const made = document.createElement(tag);
  made.textContent = text;
  made.className = name;
  return made;
}

/** Throws with what the supervisor said. */
async function ask<T>(path: string, body?: object): Promise<T> {
  const headers = { authorization: `Bearer ${token}` };
  const reply = await fetch(
    path,
    body === undefined ? { headers } : { method: 'POST', headers, body: JSON.stringify(body) },
  );
  const said = (await reply.json()) as T & { readonly error?: string };
  if (!reply.ok) throw new Error(said.error ?? `the supervisor answered ${reply.status}`);
  return said;
}

function say(text: string, trouble = false): void {
  const notice = byId('notice');
  if (notice.textContent !== text) notice.textContent = text;
  notice.dataset['state'] = trouble ? 'trouble' : 'live';
}

function list(all: readonly Offer[]): void {
  const items = all.map((offer) => {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = 'Run';
    button.setAttribute('aria-label', `Run ${offer.name}`);
    button.disabled = offer.misfit !== undefined;
    button.addEventListener('click', () => void order('/api/run', { trace: offer.name }));
    offers.set(offer.name, { offer, button });
    const about = element('div', '');
    about.append(
      element('h3', `${offer.name}, ${Math.round(offer.durationMs / 1_000)} s`),
      element('p', offer.about),
      ...(offer.misfit === undefined ? [] : [element('p', `Not here: ${offer.misfit}.`, 'quiet')]),
    );
    const item = document.createElement('li');
    item.append(about, button);
    return item;
  });
  byId('traces').replaceChildren(...items);
}

function show(run: Run | null): void {
  const running = run !== null && run.ended === undefined;
  for (const { offer, button } of offers.values()) button.disabled = running || offer.misfit !== undefined;
  byId('run').hidden = run === null;
  byId('stop').hidden = !running;
  say(refused ?? (running ? `${run.trace} runs` : 'No trace runs'), refused !== undefined);
  if (run === null) return;
  const { durationMs = 0 } = offers.get(run.trace)?.offer ?? {};
  byId('run-title').textContent = run.trace;
  const share = running ? Math.min(0.99, (Date.now() - run.beganAt) / durationMs) : 1;
  byId('progress').setAttribute('value', `${share}`);
  byId('result').textContent = run.ended === undefined ? '' : outcome(run.ended);
  const lines = run.lines.join('\n');
  const shown = byId('lines');
  if (shown.textContent === lines) return;
  shown.textContent = lines;
  shown.scrollTop = shown.scrollHeight;
}

function outcome({ status, result }: NonNullable<Run['ended']>): string {
  const sli = result?.sli;
  const seen =
    sli === undefined
      ? ''
      : ` Its clients: ${sli.ok} answered, ${sli.failed} failed, the longest gap ${sli.longestGapMs} ms.`;
  return `${HOW[status] ?? `It ended with status ${status}.`}${seen}`;
}

async function order(path: string, body: object): Promise<void> {
  refused = undefined;
  try {
    show((await ask<{ readonly run: Run }>(path, body)).run);
  } catch (error) {
    refused = (error as Error).message;
    say(refused, true);
  }
}

async function follow(): Promise<void> {
  try {
    if (offers.size === 0) list((await ask<{ readonly traces: readonly Offer[] }>('/api/traces')).traces);
    show((await ask<{ readonly run: Run | null }>('/api/run')).run);
  } catch (error) {
    const reason =
      error instanceof TypeError
        ? 'the supervisor does not answer; it is asked again and again'
        : (error as Error).message;
    say(reason, true);
  }
  setTimeout(() => void follow(), ASK_EVERY_MS);
}

byId('stop').addEventListener('click', () => void order('/api/stop', {}));
void follow();
