import { byId, setAttribute, setText } from './elements.js';
import { clock } from './format.js';
import { HoldingsView } from './holdings.js';
import { IncidentsView } from './incidents/incidents.js';
import { Replicas } from './replicas/replicas.js';
import { LiveStream } from './stream.js';
import type { Live } from './wire.js';

/** What the agent said of its supervisor last; the stream says whether the agent is heard of at all. */
let supervisor: string | null = null;

const replicas = new Replicas();
const incidents = new IncidentsView();

function showLive(live: Live): void {
  supervisor = live.supervisor;
  const { cluster } = live;
  if (cluster !== null) {
    setText(byId('cluster'), `${cluster.namespace}/${cluster.name}, profile ${cluster.profile}`);
    document.title = `AEGIS ${cluster.name}`;
  }
  replicas.update(live);
}

function heard(state: 'live' | 'away', since: number | undefined): void {
  const said = byId('connection');
  byId('main').classList.toggle('stale', state === 'away');
  if (state === 'away') {
    setAttribute(said, 'data-state', 'away');
    const from = since === undefined ? '' : ` since ${clock(since)}; what is shown is from then`;
    setText(said, `The agent does not answer${from}. It is asked again and again.`);
    return;
  }
  setAttribute(said, 'data-state', supervisor === null ? 'live' : 'trouble');
  setText(said, supervisor === null ? 'Live' : `Live; the supervisor does not answer: ${supervisor}`);
}

const stream = new LiveStream({ live: showLive, incidents: (told) => incidents.update(told), heard });
stream.start();
new HoldingsView().start();
