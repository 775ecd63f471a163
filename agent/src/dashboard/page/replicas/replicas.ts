import { byId, el, type Child } from '../elements.js';
import { clock, count, number, seconds } from '../format.js';
import { LiveTable, type Column } from '../table.js';
import type { Live, ReplicaLive } from '../wire.js';
import { Links } from './links.js';
import { ROLES } from './judgement.js';
import { Ring } from './ring.js';

const FSYNC_SLOW_SECONDS = 0.02;
const LAG_ENTRIES = 50;

const COLUMNS: readonly Column<ReplicaLive>[] = [
  { title: 'Replica', text: ({ name }) => name },
  {
    title: 'Role',
    text: roleText,
    tone: ({ role, diskFull }) =>
      role === 'silent' || diskFull ? 'bad' : role === 'leaderless' ? 'warn' : '',
  },
  { title: 'Term', text: ({ term }) => count(term), number: true },
  { title: 'Committed', text: ({ committed }) => count(committed), number: true },
  { title: 'Applied', text: ({ applied }) => count(applied), number: true },
  {
    title: 'Behind',
    text: ({ lag }) => count(lag),
    number: true,
    tone: ({ lag }) => ((lag ?? 0) > LAG_ENTRIES ? 'warn' : ''),
  },
  {
    title: 'fsync',
    text: ({ fsyncMeanSeconds }) => seconds(fsyncMeanSeconds),
    number: true,
    tone: ({ fsyncMeanSeconds }) => ((fsyncMeanSeconds ?? 0) > FSYNC_SLOW_SECONDS ? 'warn' : ''),
  },
  { title: 'p99', text: ({ fsyncP99Seconds }) => seconds(fsyncP99Seconds), number: true },
  {
    title: 'Asked/s',
    text: ({ operationsPerSecond }) => number(operationsPerSecond),
    number: true,
  },
];

/** The part of the page about replicas: ring, table and links. */
export class Replicas {
  readonly #ring = new Ring(byId('ring'));
  readonly #table = new LiveTable(byId('replicas'), COLUMNS, 'Replicas');
  readonly #links = new Links();
  readonly #summary = byId('summary');
  #said = '';

  update({ replicas }: Live): void {
    this.#ring.update(replicas);
    this.#table.update(replicas.map((row) => ({ key: row.name, row })));
    this.#links.update(replicas);
    const summary = summaryOf(replicas);
    const said = JSON.stringify(summary);
    if (said === this.#said) return;
    this.#said = said;
    this.#summary.replaceChildren(
      ...summary.flatMap(([what, value, tone = '']): Child[] => [
        el('span', {}, what, el('b', { class: tone }, value)),
      ]),
    );
  }
}

function roleText({ role, answeredAt, missing, diskFull }: ReplicaLive): string {
  if (role !== 'silent') return diskFull ? `${ROLES[role]}, its disk is full` : ROLES[role];
  return answeredAt === null ? `silent (${missing ?? 'no answer'})` : `silent since ${clock(answeredAt)}`;
}

type Fact = readonly [what: string, value: string, tone?: 'bad' | 'good' | ''];

function summaryOf(replicas: readonly ReplicaLive[]): Fact[] {
  if (replicas.length === 0) return [['Replicas', 'not known yet']];
  const leader = replicas.find(({ role }) => role === 'leader');
  const answering = replicas.filter(({ role }) => role !== 'silent').length;
  const most = (of: (replica: ReplicaLive) => number | null): number | null => {
    const told = replicas.map(of).filter((value) => value !== null);
    return told.length === 0 ? null : Math.max(...told);
  };
  const quorum = Math.floor(replicas.length / 2) + 1;
  const alarms = most((each) => each.alarms) ?? 0;
  const tone = answering < quorum ? 'bad' : answering === replicas.length ? 'good' : '';
  const facts: Fact[] = [
    leader === undefined ? ['Leader', 'none', 'bad'] : ['Leader', leader.name],
    ['Answering', `${answering} of ${replicas.length}`, tone],
    ['Term', count(most((each) => each.term))],
    ['Commits/s', number(most((each) => each.commitsPerSecond))],
    ['Leases', count(most((each) => each.leases))],
    ['Waiting for locks', count(most((each) => each.waiters))],
  ];
  return alarms > 0 ? [...facts, ['Alarms', count(alarms), 'bad']] : facts;
}
