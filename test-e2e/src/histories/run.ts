import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { within } from '../harness/clock.js';
import { Cluster } from '../harness/cluster.js';
import type { Guardian } from '../harness/guardian.js';
import { Clients, TEAM_NAMES } from './clients.js';
import { readWholeHistory } from './final-history.js';
import { Membership } from './membership.js';
import { CHANGES } from './nemesis-faults.js';
import { Nemesis } from './nemesis.js';
import type { Options } from './options.js';
import { Random } from '@aegis/replica/sim';
import { NdjsonFile, Recorder, nowNs } from './recorder.js';
import { mountSmallDisk } from './small-disk.js';
import { watchTerms } from './terms.js';
import { Victims } from './victims.js';
import { Watcher } from './watchers.js';

/** Small, so that followers that were away need snapshots. */
const CONSENSUS = { snapshotThresholdEntries: 1_000, logRetentionEntries: 1_000 };
/** The replicas whose disks are small, so that the others have real ones and a quorum. */
const SMALL_DISKS: readonly number[] = [1, 2];
/** Five processes at once, on a machine that may have much else to do. */
const START_MS = 60_000;
const WATCHERS = 6;
const PROGRESS_MS = 15_000;
/** How long the clients may take to end: their longest wait, and some more. */
const CLIENTS_END_MS = 60_000;
const WATCHERS_END_MS = 60_000;

/** What a run says of itself; whether it was right is for the checker to say. */
export interface RunReport {
  readonly operations: number;
  readonly counts: Readonly<Record<string, number>>;
  readonly errors: Readonly<Record<string, number>>;
  readonly faults: Readonly<Record<string, number>>;
  /** How often a replica ended, killed or by itself. */
  readonly ended: number;
  /** How often a place was given a new member, and a learner added. */
  readonly replaced: number;
  readonly admitted: number;
  readonly watchResumes: number;
  readonly watchEvents: number;
  readonly revision: number;
  /** Rules that were broken before anything is checked; empty: none. */
  readonly broken: readonly string[];
}

/** Runs five replicas, all clients and the nemesis for so long, and leaves what they did in files in `folder`. */
export async function run(
  options: Options,
  guardian: Guardian,
  dataFolder: string,
  folder: string,
  say: (line: string) => void,
): Promise<RunReport> {
  const random = new Random(options.seed);
  const small = options.nemesis.includes('tmpfs') ? SMALL_DISKS : [];
  for (const id of small) mountSmallDisk(guardian, join(dataFolder, `aegis-${id}`));
  const cluster = await Cluster.prepare(guardian, dataFolder, {
    consensus: CONSENSUS,
    flags: ['--allow-faults'],
  });
  const victims = new Victims(
    cluster,
    cluster.replicas.filter(({ id }) => small.includes(id)),
  );
  try {
    await cluster.start(START_MS);
    if (options.nemesis.some((name) => CHANGES.includes(name)))
      victims.membership = new Membership(cluster, victims, say);
    return await underFaults(cluster, victims, options, random, folder, say);
  } finally {
    victims.membership?.stop();
    for (const replica of cluster.replicas) {
      writeFileSync(join(folder, `${replica.member.name}.log`), replica.everythingSaid());
    }
    await cluster.stop();
  }
}

async function underFaults(
  cluster: Cluster,
  victims: Victims,
  options: Options,
  random: Random,
  folder: string,
  say: (line: string) => void,
): Promise<RunReport> {
  const recorder = new Recorder(join(folder, 'history.ndjson'));
  const watches = new NdjsonFile(join(folder, 'watches.ndjson'));
  const nemesisFile = new NdjsonFile(join(folder, 'nemesis.ndjson'));
  const terms = new NdjsonFile(join(folder, 'terms.ndjson'));
  const final = new NdjsonFile(join(folder, 'final.ndjson'));
  const clients = new Clients(cluster.endpoints, random.fork(), recorder);
  const nemesis = new Nemesis(cluster, victims, options.nemesis, random.fork(), nemesisFile);
  const watchers = Array.from({ length: WATCHERS }, (_, at) => {
    const prefix = at % 2 === 0 ? '' : `${TEAM_NAMES[at % TEAM_NAMES.length]}/`;
    return { prefix, watcher: new Watcher(`w${at}`, prefix, clients.connect, random.fork(), watches) };
  });

  const beganNs = nowNs();
  const endMs = performance.now() + options.seconds * 1000;
  const isOver = (): boolean => performance.now() >= endMs;
  const progress = setInterval(() => {
    const faults = [...nemesis.counts.values()].reduce((sum, count) => sum + count, 0);
    say(`${Math.round((nowNs() - beganNs) / 1e9)} s: ${recorder.operations} operations, ${faults} faults`);
  }, PROGRESS_MS);
  const working = clients.run(isOver);
  const counting = watchTerms(clients.connect(), cluster.replicas.length, terms, isOver);
  counting.catch(() => {});
  const watching = Promise.all(watchers.map(({ watcher }) => watcher.run()));
  watching.catch(() => {});
  const breaking = options.nemesis.length === 0 ? sleep(options.seconds * 1000) : nemesis.run(isOver);
  try {
    await Promise.all([
      breaking,
      counting,
      within('the clients ending', options.seconds * 1000 + CLIENTS_END_MS, working),
    ]);
  } finally {
    clearInterval(progress);
  }

  victims.look();
  await victims.recover();
  const revision = await seal(clients, recorder, watchers);
  await within('the watches coming to the end', WATCHERS_END_MS, watching);
  for (const replica of cluster.replicas) await readWholeHistory(replica, revision, final);
  clients.close();
  await Promise.all([recorder.close(), watches.close(), nemesisFile.close(), terms.close(), final.close()]);
  return {
    operations: recorder.operations,
    counts: recorder.counts,
    errors: Object.fromEntries(recorder.failures),
    faults: Object.fromEntries(nemesis.counts),
    ended: victims.ended,
    replaced: victims.membership?.replaced ?? 0,
    admitted: victims.membership?.admitted ?? 0,
    watchResumes: watchers.reduce((sum, { watcher }) => sum + watcher.resumes, 0),
    watchEvents: watchers.reduce((sum, { watcher }) => sum + watcher.events, 0),
    revision,
    broken: victims.surprises,
  };
}

/** Writes a last key under each watched prefix, so that each watch has an end to come to. Returns the last revision. */
async function seal(
  clients: Clients,
  recorder: Recorder,
  watchers: readonly { readonly prefix: string; readonly watcher: Watcher }[],
): Promise<number> {
  const client = clients.connect();
  let last = 0;
  for (const [at, { prefix, watcher }] of watchers.entries()) {
    const group = `${prefix === '' ? 'all/' : prefix}end${at}`;
    const what = { client: clients.count, op: 'put', key: group, input: { key: 'a', value: `end.${at}` } };
    const answer = await recorder.call(
      what,
      () => client.kv.put(`${group}/a`, `end.${at}`),
      ({ revision }) => ({ rev: revision }),
    );
    if (answer === undefined)
      throw new Error('the cluster does not take a last write, with nothing wrong any more');
    last = answer.revision;
    watcher.finish(last);
  }
  return last;
}
