import { Random } from '@aegis/replica/sim';

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
  slowDisk: 2000,
  failingDisk: 1000,
  fullDisk: 4000,
  rot: 1000,
  clockJump: 0,
  clockDrift: 0,
  transfer: 0,
  settings: 500,
  clientKill: 1000,
  clientPause: 3000,
  clientCut: 3000,
  wipe: 4000,
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
      snapshotThresholdEntries: random.pick([20, 50, 200, 1000]),
      logRetentionEntries: random.pick([20, 100, 1000]),
      snapshotBytesPerSecond: random.pick([20_000, 200_000, 5_000_000]),
      leaseMinTtlMs: random.pick([500, 1000]),
      leaseExpiryPerTick: random.pick([1, 2, 100]),
      maxInflightMessages: random.pick([2, 16, 256]),
      maxBatchBytes: random.pick([2000, 256 * 1024]),
    },
    workload: {
      clients: 2 + random.below(4),
      operationsPerSecond: random.pick([20, 50, 100]),
      ttlMs,
      registers: 1 + random.below(4),
      locks: 1 + random.below(3),
      mix: MIX,
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
      drift: random.chance(0.5) ? 0 : random.fraction() * 0.002,
      busyMs: random.chance(0.8) ? 0 : random.fraction() * 0.2,
    },
    faults: [...drawRates(kinds, random), ...drawRates(changes, changing)],
    membership: {
      ...MEMBERSHIP,
      supervisors: changing.pick([1, 1, 2]),
      lookMs: changing.pick([200, 500, 1000]),
    },
    encodes: random.chance(0.1),
    liveness: random.chance(0.7),
  };
}

function drawRates(kinds: readonly FaultKind[], random: Random): FaultPlan[] {
  return kinds.map((kind) => {
    const everyMs = random.pick([3000, 8000, 20_000]);
    return { kind, everyMs, lastMs: LAST_MS[kind] * random.pick([0.3, 1, 2]) };
  });
}

function quality(delayMsMax: number, loss: number, random: Random) {
  return {
    loss,
    duplication: random.chance(0.5) ? 0 : random.fraction() * 0.05,
    delayMsMin: 0.1,
    delayMsMax,
    tail: random.chance(0.6) ? 0 : random.fraction() * 0.02,
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
    workload: { clients: 4, operationsPerSecond: 100, ttlMs: 5000, registers: 4, locks: 3, mix: MIX },
    environment: {
      link,
      clientLink: link,
      links: [],
      disk: { msMin: 0.1, msMax: 0.5 },
      drift: 0,
      busyMs: 0,
    },
    faults: [],
    encodes: false,
    liveness: false,
  };
}
