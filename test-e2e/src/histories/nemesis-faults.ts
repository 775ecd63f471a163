import { setTimeout as sleep } from 'node:timers/promises';

import { ClusterClient } from '@aegis/proto/v1/cluster';
import { credentials, Metadata } from '@grpc/grpc-js';
import type { Cluster } from '../harness/cluster.js';
import type { Order as FaultOrder } from '@aegis/client/chaos';
import type { Replica } from '../harness/replica.js';
import type { Random } from '@aegis/replica/sim';
import { CAN_MOUNT, fill } from './small-disk.js';
import type { Victims } from './victims.js';

type Heal = () => Promise<void>;

/** One fault, drawn: it is begun once, and what `begin` returns ends it. */
interface Fault {
  /** For the record, once it has begun. */
  what(): string;
  begin(cluster: Cluster, victims: Victims, random: Random): Promise<Heal>;
}

type Draw = (random: Random) => Fault;

const MOST = 3;
/** How long a change of the membership is waited for, with other faults about, in milliseconds. */
const CHANGE_MS = 15_000;
const HOUR_MS = 3_600_000;

/** Every kind of harm that there is. */
export const FAULTS = {
  /** kill -9 of one, of the leader, of a majority, of all. */
  kill: (random) =>
    of(async (note, _cluster, victims) => {
      const struck = random.chance(0.15) ? [...victims.all] : await victims.some(random, MOST);
      note(names(struck));
      await Promise.all(struck.map((replica) => victims.kill(replica)));
      return () => victims.revive();
    }),

  /** SIGSTOP: the world goes on without them, and they do not know. */
  pause: (random) =>
    of(async (note, _cluster, victims) => {
      const struck = await victims.some(random, 2);
      note(names(struck));
      for (const replica of struck) victims.pause(replica);
      return async () => {
        for (const replica of struck) victims.wake(replica);
      };
    }),

  /** Two sides that cannot hear each other. */
  partition: (random) =>
    of(async (note, _cluster, victims) => {
      const side = await victims.some(random, 2);
      const other = victims.all.filter((replica) => !side.includes(replica));
      note(`${names(side)} | ${names(other)}`);
      return cut(victims, [...pairs(side, other), ...pairs(other, side)]);
    }),

  /** Some are heard and hear nothing, or the other way round, or whatever else a few cut directions make. */
  asymmetric: (random) =>
    of(async (note, _cluster, victims) => {
      const side = await victims.some(random, 2);
      const other = victims.all.filter((replica) => !side.includes(replica));
      const ways = random.pick([
        pairs(side, other),
        pairs(other, side),
        random.shuffled(pairs(victims.all, victims.all)).slice(0, 3 + random.below(6)),
      ]);
      note(ways.map(([from, to]) => `${from.id}→${to.id}`).join(' '));
      return cut(victims, ways);
    }),

  /** Links that are slow, narrow and lossy. */
  links: (random) =>
    of(async (note, _cluster, victims) => {
      const order = {
        fault: 'link',
        delayMs: random.chance(0.5) ? Math.round(random.between(0, 400)) : 0,
        jitterMs: random.chance(0.5) ? Math.round(random.between(0, 300)) : 0,
        lossPercent: random.chance(0.6) ? Math.round(random.between(1, 40)) : 0,
        bytesPerSecond: random.chance(0.3) ? Math.round(random.between(20_000, 1_000_000)) : 0,
      };
      const ways = random.shuffled(pairs(victims.all, victims.all)).slice(0, 4 + random.below(17));
      note(`${JSON.stringify(order)} on ${ways.map(([from, to]) => `${from.id}→${to.id}`).join(' ')}`);
      return onLinks(victims, ways, order);
    }),

  /** Syncs that are slow, do not return, or fail. */
  fsync: (random) =>
    of(async (note, _cluster, victims) => {
      const draw = random.fraction();
      const order: FaultOrder =
        draw < 0.4
          ? { fault: 'fsync', slowMs: Math.round(random.between(5, 300)) }
          : draw < 0.7
            ? { fault: 'fsync', stalled: true }
            : { fault: 'fsync', failing: true };
      const struck = await victims.some(random, order['failing'] === true ? 2 : MOST);
      note(`${JSON.stringify(order)} on ${names(struck)}`);
      if (order['failing'] === true) for (const replica of struck) victims.excuse(replica);
      return onEach(victims, struck, order, { fault: 'fsync' });
    }),

  /** No room for anything that grows. A replica may end of it, and goes on when there is room. */
  disk: (random) =>
    of(async (note, _cluster, victims) => {
      const struck = await victims.some(random, 2);
      note(names(struck));
      for (const replica of struck) victims.excuse(replica);
      return onEach(victims, struck, { fault: 'disk', full: true }, { fault: 'disk' });
    }),

  /** A small disk that is full in earnest: for RocksDB's background work, too, which orders do not reach. Root only. */
  tmpfs: (random) =>
    of(async (note, _cluster, victims) => {
      const struck = random.chance(0.3) ? victims.onSmallDisks : [random.pick(victims.onSmallDisks)];
      note(names(struck));
      for (const replica of struck) victims.excuse(replica);
      const emptied = await Promise.all(struck.map(({ dataPath }) => fill(dataPath)));
      return async () => {
        await Promise.all(emptied.map((empty) => empty()));
      };
    }),

  /** Wall clocks that are off by up to an hour, jump while the fault lasts, and drift. */
  clock: (random) =>
    of(async (note, _cluster, victims) => {
      const struck = await victims.some(random, MOST);
      const order = {
        fault: 'clock',
        offsetMs: Math.round(random.between(-HOUR_MS, HOUR_MS)),
        driftPpm: Math.round(random.between(-1_000, 1_000)),
      };
      note(`${JSON.stringify(order)} on ${names(struck)}`);
      const heal = await onEach(victims, struck, order, { fault: 'clock' });
      await sleep(random.between(0, 500));
      const ms = Math.round(random.between(-HOUR_MS, HOUR_MS));
      for (const replica of struck) await victims.inject(replica, { fault: 'jump', ms });
      return heal;
    }),

  /** An event loop that stands still, as by a long garbage collection. */
  stall: (random) =>
    of(async (note, _cluster, victims) => {
      const struck = await victims.some(random, 2);
      const ms = Math.round(random.between(100, 2_500));
      note(`${ms} ms on ${names(struck)}`);
      const stalls = struck.map((replica) => victims.inject(replica, { fault: 'stall', ms }));
      return async () => {
        await Promise.all(stalls);
      };
    }),

  /** No harm at all: leadership is handed over. */
  transfer: (random) =>
    of(async (note, _cluster, victims) => {
      const leader = await victims.leader();
      const target = random.pick(victims.all);
      note(`to ${target.id}`);
      if (leader !== undefined) await transfer(leader, target.id);
      return async () => {};
    }),

  /** A replica is killed and its folder lost: the place gets a new member, as `aegis up` gives it one. One at a time. */
  replace: (random) =>
    of(async (note, _cluster, victims) => {
      const membership = victims.membership!;
      const { lost, places } = membership;
      if (lost !== undefined) {
        note(`none: the place of ${lost.id} has no voter yet`);
      } else {
        const leader = random.chance(0.4) ? await victims.leader() : undefined;
        const struck = places.find((place) => place === leader) ?? random.pick(places);
        note(names([struck]));
        await membership.lose(struck);
      }
      return async () => {
        await membership.complete(CHANGE_MS);
      };
    }),

  /** A sixth member without a vote is added and removed again. */
  learner: () =>
    of(async (note, _cluster, victims) => {
      const membership = victims.membership!;
      const id = await membership.admit(CHANGE_MS);
      note(id === undefined ? 'none: it could not be added' : `${id}`);
      return async () => {
        if (id !== undefined) await membership.expel(CHANGE_MS);
      };
    }),
} as const satisfies Record<string, Draw>;

export type FaultName = keyof typeof FAULTS;
export const FAULT_NAMES = Object.keys(FAULTS) as readonly FaultName[];
/** Those that change the membership. */
export const CHANGES: readonly FaultName[] = ['replace', 'learner'];
/** Those that this machine and this user can make. */
export const POSSIBLE_FAULTS: readonly FaultName[] = FAULT_NAMES.filter(
  (name) => name !== 'tmpfs' || CAN_MOUNT,
);

function of(
  begin: (note: (what: string) => void, cluster: Cluster, victims: Victims) => Promise<Heal>,
): Fault {
  let noted = '';
  return {
    what: () => noted,
    begin: (cluster, victims) => begin((what) => (noted = what), cluster, victims),
  };
}

function names(replicas: readonly Replica[]): string {
  return replicas.map(({ id }) => id).join(' ');
}

type Way = readonly [from: Replica, to: Replica];

function pairs(from: readonly Replica[], to: readonly Replica[]): Way[] {
  return from.flatMap((one) => to.filter((other) => other !== one).map((other): Way => [one, other]));
}

function cut(victims: Victims, ways: readonly Way[]): Promise<Heal> {
  return onLinks(victims, ways, { fault: 'link', cut: true });
}

async function onLinks(victims: Victims, ways: readonly Way[], order: FaultOrder): Promise<Heal> {
  // By the ids that they have now: a place may have another member by the time it is mended.
  const orders = ways.map(([from, to]) => ({ from, to: to.id }));
  await Promise.all(orders.map(({ from, to }) => victims.inject(from, { ...order, to })));
  return async () => {
    await Promise.all(orders.map(({ from, to }) => victims.inject(from, { fault: 'link', to })));
  };
}

async function onEach(
  victims: Victims,
  struck: readonly Replica[],
  order: FaultOrder,
  end: FaultOrder,
): Promise<Heal> {
  await Promise.all(struck.map((replica) => victims.inject(replica, order)));
  return async () => {
    await Promise.all(struck.map((replica) => victims.inject(replica, end)));
  };
}

function transfer(leader: Replica, targetId: number): Promise<void> {
  const client = new ClusterClient(leader.member.clientAddress, credentials.createInsecure());
  return new Promise((resolve) => {
    client.transferLeadership({ targetId }, new Metadata(), { deadline: Date.now() + 3_000 }, () => {
      client.close();
      resolve();
    });
  });
}
