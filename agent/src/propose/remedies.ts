import type { ConsensusSettings, Observations, Patch } from '@aegis/replica/settings';
import type { FaultKind, IncidentClass } from '../diagnose/index.js';
import { longerElections, longerLog, smallerExpiries, widerWindow } from './tunings.js';

/** What is known when a remedy is looked for. */
export interface Situation {
  readonly base: ConsensusSettings;
  readonly observations: Observations;
  /** What came of the fault. */
  readonly classes: readonly IncidentClass[];
}

/** A change of one family, and what it is for. */
export interface Tuning {
  readonly patch: Patch;
  /** All that is needed; more than `patch` if one step does not suffice. */
  readonly needed: Patch;
  readonly effect: string;
  readonly risk: string;
}

/** What is done about a fault. */
export interface Remedy {
  /** What people do about the fault itself, whether settings help or not. */
  readonly action: string;
  /** Why settings do not help; for those that never do. */
  readonly noTuning?: string;
  /** Settings that make the cluster bear the fault. Undefined: not in this situation. */
  readonly tune?: (situation: Situation) => Tuning | undefined;
}

/** A stalling member costs the cluster its leader: a longer timeout bears the stall, which stays. */
const bearStalls = (situation: Situation): Tuning | undefined => {
  return situation.classes.includes('ElectionStorm') ? longerElections(situation) : undefined;
};

const NO_LEVER = 'No setting makes a member answer that cannot.';
const LOAD =
  'Settings only decide where the requests wait; larger queues fail later, with everything in them too old.';

/** For every fault that a diagnosis can name. What helps and what only masks it: docs/anomalies.md. */
export const REMEDIES: Readonly<Record<FaultKind, Remedy>> = {
  'disk-slow': {
    action:
      'Look at the disk of this member: a neighbour, a failing device, used-up burst credits, another program that syncs. Give the log a disk of its own; a 99th percentile of syncs below 10 ms is wanted. Replace the member if its disk stays slow.',
    tune: bearStalls,
  },
  'disk-stalled': {
    action:
      'Look at the disk of this member and its controller, and move the member to another volume (aegis members replace). A member that does not sync is worth less than a missing one.',
    tune: bearStalls,
  },
  'disk-full': {
    action:
      'Make room on the disk of this member, or enlarge its volume. Compact the history of keys, and look at kvQuotaBytes before it is reached again.',
    noTuning: 'No setting makes room on a disk.',
  },
  'cpu-starved': {
    action: 'Give the pod its processor: requests equal to limits, no throttling, fewer neighbours.',
    tune: bearStalls,
  },
  'loop-stalled': {
    action:
      'Find what holds the event loop (a profile of the process over the stall), and report it: a replica should not stand still.',
    tune: bearStalls,
  },
  'gc-pressure': {
    action: 'Give the process more memory, and look for who makes the garbage: large values, many watchers.',
    tune: bearStalls,
  },
  paused: {
    action: 'Find who stops the process: a debugger, a freezer, a live migration, a suspended machine.',
    tune: bearStalls,
  },
  killed: {
    action:
      'Read why the process ended (exit status, the system log, the limit of memory), and mend that. The cluster replaced its part by itself.',
    noTuning: 'A process that dies is missed by any timeout; a shorter one would call elections for less.',
  },
  'link-cut': {
    action:
      'Mend the link: switch, firewall, network policy, or certificates that one side no longer accepts (/member and aegis_peer_frames_refused_total tell). Do not restart or add members on the small side.',
    noTuning:
      'No setting lets members decide that do not reach each other; a longer timeout lets the side without a quorum believe for longer.',
  },
  'link-slow': {
    action: 'Look at the path between the members: a congested link, a detour, another region.',
    tune: (situation) => {
      if (situation.classes.includes('ElectionStorm')) return longerElections(situation);
      return situation.classes.includes('SlowFollower') ? widerWindow(situation) : undefined;
    },
  },
  'link-lossy': {
    action: 'Look at the path for what loses frames: a bad cable, a full queue, a duplex mismatch.',
    tune: bearStalls,
  },
  'link-narrow': {
    action: 'Give the link its bandwidth, or find who uses it up. Backups and snapshots go over it too.',
    tune: (situation) => (situation.classes.includes('SlowFollower') ? longerLog(situation) : undefined),
  },
  'clock-off': {
    action:
      'Mend the clock of this machine (chrony, ntp). It decides nothing in the cluster; clients compare it.',
    noTuning: 'No clock decides anything here; clockOffsetAlertMs would only be quiet about it.',
  },
  'plain-load': {
    action:
      'Ask for less: fewer or smaller requests, a limit in the clients, backoff with jitter. Reads from followers where they may be old. More members make each write dearer.',
    noTuning: LOAD,
  },
  'connection-herd': {
    action: 'Let clients keep their connections, and come back with a backoff that grows and has jitter.',
    noTuning: LOAD,
  },
  'lease-herd': {
    action: 'Let holders share leases, take longer ones, and spread their keepalives.',
    tune: (situation) =>
      situation.classes.includes('LeaseStarvation') ? smallerExpiries(situation) : undefined,
  },
  'watch-fan-out': {
    action: 'Put something between that watches once and tells many, or watch smaller prefixes.',
    noTuning: LOAD,
  },
  'huge-values': {
    action: 'Keep large values elsewhere, and their address here.',
    noTuning: 'What is written has to go to every disk, in whatever portions.',
  },
  'hot-lock': {
    action:
      'Split the lock by what it guards, or let fewer wait for it: a queue of work instead of a queue of waiters.',
    noTuning: 'One lock has one holder at a time, whatever the settings.',
  },
  'short-log': {
    action: 'Nothing is broken: the log is cut before members that were away come back.',
    tune: longerLog,
  },
  'hasty-settings': {
    action:
      'Nothing is broken: the settings ask more of the network, the disks and the processors than they do.',
    tune: longerElections,
  },
};

export const NO_TUNING_HERE = `${NO_LEVER} In this situation no setting bears the fault either.`;
