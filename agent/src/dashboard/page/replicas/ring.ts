import { setAttribute, setText, svg } from '../elements.js';
import { count, seconds } from '../format.js';
import { shownName } from '../names.js';
import type { ReplicaLive } from '../wire.js';
import { linkBetween, ROLES, stateOf, worse } from './judgement.js';
import { placesOnRing, SIZE, type Place } from './places.js';

const RADIUS = 36;

interface Node {
  readonly group: SVGGElement;
  readonly name: SVGTextElement;
  readonly role: SVGTextElement;
  readonly term: SVGTextElement;
}

interface Line {
  readonly from: number;
  readonly to: number;
  readonly line: SVGLineElement;
  readonly trip: SVGTextElement;
}

/** The replicas as a ring, with their links. The table beside it says the same to those who do not see it. */
export class Ring {
  readonly #picture = svg('svg', {
    viewBox: `0 0 ${SIZE} ${SIZE}`,
    role: 'img',
    'aria-label': 'No replicas yet',
  });
  #names = '';
  #nodes: Node[] = [];
  #lines: Line[] = [];

  constructor(place: HTMLElement) {
    place.append(this.#picture);
  }

  update(replicas: readonly ReplicaLive[]): void {
    const names = JSON.stringify(replicas.map(({ name }) => name));
    if (names !== this.#names) {
      this.#names = names;
      this.#draw(replicas.length);
    }
    for (const [at, replica] of replicas.entries()) this.#showNode(this.#nodes[at]!, replica);
    for (const line of this.#lines) this.#showLine(line, replicas[line.from]!, replicas[line.to]!);
    const said = replicas.map(({ name, role }) => `${name} ${ROLES[role]}`);
    setAttribute(this.#picture, 'aria-label', said.length === 0 ? 'No replicas yet' : said.join(', '));
  }

  #draw(many: number): void {
    const places = placesOnRing(many);
    this.#lines = places.flatMap((from, at) =>
      places.slice(at + 1).map((to, further) => lineBetween(from, to, at, at + 1 + further)),
    );
    this.#nodes = places.map(nodeAt);
    this.#picture.replaceChildren(
      ...this.#lines.map(({ line }) => line),
      ...this.#lines.map(({ trip }) => trip),
      ...this.#nodes.map(({ group }) => group),
    );
  }

  #showNode({ group, name, role, term }: Node, replica: ReplicaLive): void {
    setAttribute(group, 'data-role', replica.role);
    setText(name, shownName(replica.name, 10));
    setText(role, replica.role === 'leaderless' ? 'no leader' : replica.role);
    setText(term, replica.committed === null ? '' : count(replica.committed));
  }

  #showLine({ line, trip }: Line, from: ReplicaLive, to: ReplicaLive): void {
    const [there, back] = [linkBetween(from, to), linkBetween(to, from)];
    const state = worse(
      there === undefined ? 'unknown' : stateOf(there),
      back === undefined ? 'unknown' : stateOf(back),
    );
    const leader = [from, to].find(({ role }) => role === 'leader');
    const other = leader === from ? to : from;
    setAttribute(line, 'data-state', state);
    setAttribute(line, 'data-leader', String(leader !== undefined && other.role !== 'silent'));
    const shown = leader === from ? there : back;
    const trips =
      leader === undefined ||
      shown === undefined ||
      shown.roundTripSeconds === null ||
      other.role === 'silent';
    setText(trip, trips ? '' : seconds(shown.roundTripSeconds));
  }
}

function nodeAt({ x, y }: Place): Node {
  const text = (name: string, dy: number): SVGTextElement => svg('text', { class: name, x, y: y + dy });
  const [name, role, term] = [text('name', -12), text('role', 3), text('term', 17)];
  const circle = svg('circle', { cx: x, cy: y, r: RADIUS });
  return { group: svg('g', { class: 'node' }, circle, name, role, term), name, role, term };
}

function lineBetween(from: Place, to: Place, at: number, other: number): Line {
  const line = svg('line', { class: 'link', x1: from.x, y1: from.y, x2: to.x, y2: to.y });
  const trip = svg('text', { class: 'trip', x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 });
  return { from: at, to: other, line, trip };
}
