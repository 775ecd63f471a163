import type { EvidenceLog } from '../evidence/index.js';
import type { AgentFolder } from '../run/agent-folder.js';
import { holdings } from './holdings.js';
import type { Answer, Answers } from './http/server.js';
import { Streams } from './http/streams.js';
import { incidentDetail } from './incidents/detail.js';
import { incidentLines } from './incidents/lines.js';
import { LiveWatch, type Known } from './live/watch.js';
import type { Incidents } from './page/wire.js';

/** Incidents are in files: so often these are looked at, while somebody looks. */
const INCIDENTS_EVERY_MS = 1_000;
const ID = /^[a-z0-9][a-z0-9-]{0,99}$/;

export interface ViewParts {
  readonly folder: AgentFolder;
  readonly evidence: Pick<EvidenceLog, 'records'>;
  /** How the cluster stands, as far as the agent knows. */
  readonly known: () => Known | undefined;
}

/** What the agent shows of a cluster: the cluster live, and what it made of it. It only reads, and only while somebody looks. */
export class ClusterView {
  readonly streams = new Streams((anybody) => this.#looked(anybody));
  readonly answers: Answers;
  readonly #watch: LiveWatch;
  #timer: NodeJS.Timeout | undefined;
  #told = '';

  constructor(private readonly parts: ViewParts) {
    this.#watch = new LiveWatch(parts.known, (live) => this.streams.send('live', live));
    this.answers = this.#answers();
  }

  stop(): void {
    this.#looked(false);
    this.streams.close();
  }

  #looked(anybody: boolean): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#told = '';
    if (!anybody) return this.#watch.stop();
    this.#watch.start();
    this.#timer = setInterval(() => this.#tellIncidents(), INCIDENTS_EVERY_MS);
    this.#tellIncidents();
  }

  #tellIncidents(): void {
    const lines = this.#incidents();
    if (lines === undefined) return;
    const text = JSON.stringify(lines);
    if (text === this.#told) return;
    this.#told = text;
    this.streams.send('incidents', lines);
  }

  /** A file that cannot be read now is tried again at the next look: what the page shows stays. */
  #incidents(): Incidents | undefined {
    try {
      return incidentLines(this.parts.folder);
    } catch {
      return undefined;
    }
  }

  #answers(): Answers {
    const { folder, evidence, known } = this.parts;
    return {
      '/api/leases': (query) => holdings('leases', known(), query),
      '/api/locks': (query) => holdings('locks', known(), query),
      '/api/elections': (query) => holdings('elections', known(), query),
      '/api/incidents': (query) => named(query, 'before', (before) => incidentLines(folder, before)),
      '/api/incident': (query) => named(query, 'id', (id) => incidentDetail(folder, evidence, id)),
    };
  }
}

function named(query: URLSearchParams, what: string, find: (id: string) => object | undefined): Answer {
  const id = query.get(what) ?? '';
  if (!ID.test(id)) return { status: 400, content: { error: `${what} has to be the name of an incident` } };
  const content = find(id);
  return content === undefined
    ? { status: 404, content: { error: `there is no incident ${id}` } }
    : { content };
}
