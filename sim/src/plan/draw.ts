import { HOUSEKEEPING, Random } from '@aegis/replica/sim';

import {
  FAULT_KINDS,
  type FaultKind,
  type FaultPlan,
  MEMBERSHIP,
  MEMBERSHIP_FAULTS,
  type WorldPlan,
  type Workload,
} from './plan.js';

/** Of simulated time. */
const DURATION_MS = 30_000;

/** How much travels to a follower: one entry a message too, but then many messages at once, or there is no getting through. */
const WINDOWS = [
  { maxInflightMessages: 2, maxBatchBytes: 2000 },
  { maxInflightMessages: 16, maxBatchBytes: 2000 },
  { maxInflightMessages: 16, maxBatchBytes: 256 * 1024 },
  { maxInflightMessages: 256, maxBatchBytes: 256 * 1024 },
  { maxInflightMessages: 256, maxBatchBytes: 1 },
];

/** Something of everything. */
const MIX: Workload['mix'] = {
  put: 30,
  get: 30,
  swap: 10,
  plainPut: 4,
  delete: 3,
  lock: 10,
  shared: 3,
  campaign: 2,
  lease: 3,
  compact: 0.2,
};

/** What clients do mostly differs from world to world. */
const MIXES: readonly Workload['mix'][] = [
  MIX,
  MIX,
  { ...MIX, put: 5, get: 5, swap: 2, lock: 30, shared: 10, campaign: 5 },
  { ...MIX, put: 30, get: 80, swap: 10, lock: 2, shared: 1, campaign: 1 },
];

/** Mean times from one fault of a kind to the next, and of changes of the membership. */
const EVERY_MS = [2000, 5000, 15_000];
const CHANGE_EVERY_MS = [3000, 8000, 20_000];

/** How long each kind of fault lasts on average, in milliseconds. */
const LAST_MS: Readonly<Record<FaultKind, number>> = {
  crash: 1500,
  crashAll: 500,
  kill: 800,
  pause: 1500,
  stall: 300,
  isolate: 2500,
  partition: 2500,
  oneWay: 2500,
  flap: 3000,
  slowLink: 3000,
  lossyLink: 3000,
  overtaking: 3000,
  slowDisk: 2000,
  failingDisk: 1000,
  fullDisk: 4000,
  rot: 1000,
  clockJump: 0,
  clockDrift: 0,
  transfer: 0,
  settings: 500,
  laggard: 1500,
  shortTerms: 2500,
  deadlyVotes: 3000,
  deadlyInstalls: 6000,
  clientKill: 1000,
  clientPause: 3000,
  clientCut: 3000,
  clientOutage: 4000,
  wipe: 8000,
  grow: 0,
  shrink: 0,
  replace: 0,
};

const OTHER_FAULTS = FAULT_KINDS.filter((kind) => !MEMBERSHIP_FAULTS.includes(kind));

/** Draws a world: which faults there are, and how often, differs from seed to seed (swarm testing). */
export function drawPlan(seed: number, durationMs = DURATION_MS): WorldPlan {
  const random = new Random(seed * 2_654_435_761);
  const replicas = random.pick([3, 5, 5, 5, 5, 7]);
  const electionTimeoutMs = random.pick([300, 500, 1000, 1000]);
  const ttlMs = random.pick([1500, 3000, 3000, 6000]);
  const delayMsMax = random.pick([1, 2, 5, 20, 50]);
  const { housekeeping, ...log } = drawLog(random);
  const kinds = OTHER_FAULTS.filter(() => random.chance(0.35));
  // Numbers of their own, so that the rest of a seed's world is the same with them and without.
  const changing = new Random(seed * 40_503 + 11);
  const changes = changing.chance(0.5) ? MEMBERSHIP_FAULTS.filter(() => changing.chance(0.6)) : [];
  return {
    seed,
    replicas,
    durationMs,
    settings: {
      electionTimeoutMs,
      heartbeatIntervalMs: electionTimeoutMs / 10,
      ...log,
      leaseMinTtlMs: random.pick([500, 1000]),
      leaseExpiryPerTick: random.pick([1, 2, 100]),
      ...random.pick(WINDOWS),
    },
    workload: {
      clients: 2 + random.below(4),
      operationsPerSecond: random.pick([20, 50, 100]),
      ttlMs,
      registers: 1 + random.below(4),
      locks: 1 + random.below(3),
      nearby: random.pick([0, 0, 1, 2]),
      holdMs: random.pick([20, 150, 150, 1000]),
      hearsay: random.pick([0, 0.1, 0.5]),
      mix: random.pick(MIXES),
    },
    environment: {
      link: quality(delayMsMax, random.chance(0.5) ? 0 : random.fraction() * 0.05, random),
      clientLink: quality(delayMsMax, random.chance(0.5) ? 0 : random.fraction() * 0.02, random),
      links: [],
      disk: {
        msMin: 0.1,
        msMax: random.pick([0.5, 2, 10]),
        tail: random.chance(0.5) ? 0 : random.fraction() * 0.02,
        tailMs: random.pick([50, 500]),
      },
      housekeeping,
      drift: random.chance(0.5) ? 0 : random.fraction() * 0.002,
      busyMs: random.chance(0.8) ? 0 : random.fraction() * 0.2,
    },
    faults: [...drawRates(kinds, random, EVERY_MS), ...drawRates(changes, changing, CHANGE_EVERY_MS)],
    membership: {
      ...MEMBERSHIP,
      supervisors: changing.pick([1, 1, 2]),
      lookMs: changing.pick([200, 500, 1000]),
    },
    encodes: random.chance(0.1),
    liveness: random.chance(0.7),
  };
}

function drawRates(kinds: readonly FaultKind[], random: Random, every: readonly number[]): FaultPlan[] {
  return kinds.map((kind) => {
    const everyMs = random.pick(every);
    return { kind, everyMs, lastMs: LAST_MS[kind] * random.pick([0.3, 1, 2]) };
  });
}

/**
 * Half of the worlds keep so little of the log that whoever is behind for a moment needs a snapshot, and send it so slowly that
 * much happens meanwhile.
 */
function drawLog(random: Random) {
  if (random.chance(0.5))
    return {
      housekeeping: { flushMs: 50, syncMs: 200, compactMs: 100 },
      snapshotThresholdEntries: random.pick([1, 5]),
      logRetentionEntries: random.pick([1, 3, 10]),
      snapshotBytesPerSecond: random.pick([10_000, 20_000, 200_000]),
    };
  return {
    housekeeping: random.pick([HOUSEKEEPING, { flushMs: 300, syncMs: 1000, compactMs: 300 }]),
    snapshotThresholdEntries: random.pick([20, 50, 200, 1000]),
    logRetentionEntries: random.pick([20, 100, 1000]),
    snapshotBytesPerSecond: random.pick([20_000, 200_000, 5_000_000]),
  };
}

function quality(delayMsMax: number, loss: number, random: Random) {
  return {
    loss,
    duplication: random.chance(0.5) ? 0 : random.fraction() * 0.05,
    delayMsMin: 0.1,
    delayMsMax,
    tail: random.chance(0.6) ? 0 : random.fraction() * random.pick([0.02, 0.02, 0.2]),
    tailMs: random.pick([100, 1000]),
  };
}

/** Five replicas in good health under a steady load: what the speed of the simulator is measured with. */
export function loadedPlan(seed: number, durationMs = DURATION_MS): WorldPlan {
  const link = { loss: 0, duplication: 0, delayMsMin: 0.2, delayMsMax: 1 };
  return {
    seed,
    replicas: 5,
    durationMs,
    settings: {},
    workload: {
      clients: 4,
      operationsPerSecond: 100,
      ttlMs: 5000,
      registers: 4,
      locks: 3,
      nearby: 0,
      holdMs: 150,
      hearsay: 0,
      mix: MIX,
    },
    environment: {
      link,
      clientLink: link,
      links: [],
      disk: { msMin: 0.1, msMax: 0.5 },
      housekeeping: HOUSEKEEPING,
      drift: 0,
      busyMs: 0,
    },
    faults: [],
    encodes: false,
    liveness: false,
  };
}
