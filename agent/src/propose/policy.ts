import {
  DWELL_MS,
  sameSettings,
  type ConsensusSettings,
  type Family,
  type Patch,
} from '@aegis/replica/settings';
import type { IncidentClass } from '../diagnose/index.js';

/** All times are milliseconds since 1970. */
export interface OpenProposal {
  readonly id: string;
  /** Of one cluster: its id, not its name. */
  readonly cluster: string;
  readonly family: Family;
  /** The settings that it was made for. */
  readonly base: ConsensusSettings;
  readonly patch: Patch;
  readonly validUntil: number;
}

/** What became of an earlier proposal, or of a change that a person made. */
export interface HistoryEntry {
  readonly cluster: string;
  readonly family: Family;
  readonly patch: Patch;
  readonly at: number;
  readonly became: 'Applied' | 'Closed' | 'Rejected' | 'CannotReproduce' | 'Expired' | 'Superseded';
}

/** Nothing is proposed while it lasts. What is left out means all. */
export interface Mute {
  readonly cluster?: string;
  readonly family?: Family;
  readonly class?: IncidentClass;
  readonly until: number;
  readonly why: string;
}

/** A time in which people work on the cluster, so that what is seen is no incident. */
export type MaintenanceWindow =
  | { readonly from: number; readonly to: number }
  /** Every week, by the clock of UTC; 0 is Sunday. It may reach into the next day. */
  | { readonly weekday: number; readonly minuteOfDay: number; readonly minutes: number };

export interface PolicyConfig {
  readonly dwellMs: number;
  /** How long a proposal waits for a person. */
  readonly validMs: number;
  /** How long what a person closed, or a verification rejected, is not proposed again. */
  readonly restMs: number;
  readonly mutes: readonly Mute[];
  readonly windows: readonly MaintenanceWindow[];
}

export const DEFAULT_POLICY: PolicyConfig = {
  dwellMs: DWELL_MS,
  validMs: 14 * 24 * 3_600_000,
  restMs: 7 * 24 * 3_600_000,
  mutes: [],
  windows: [],
};

export interface PolicyQuestion {
  readonly now: number;
  readonly cluster: string;
  /** What the cluster runs. */
  readonly base: ConsensusSettings;
  readonly classes: readonly IncidentClass[];
  /** Undefined: there is nothing to propose; only what is open is looked after. */
  readonly wanted: { readonly family: Family; readonly patch: Patch } | undefined;
  readonly open: readonly OpenProposal[];
  readonly history: readonly HistoryEntry[];
}

export interface Decision {
  /** Open proposals that end now, each with its phase and the reason as one word. */
  readonly end: readonly {
    readonly id: string;
    readonly phase: 'Expired' | 'Superseded';
    readonly reason: 'NobodyMerged' | 'SettingsChanged' | 'NewerProposal';
  }[];
  readonly act:
    | { readonly kind: 'publish'; readonly validUntil: number }
    /** Just this is open already. */
    | { readonly kind: 'keep'; readonly id: string }
    | {
        readonly kind: 'hold';
        readonly reason: 'NothingToPropose' | 'Muted' | 'Maintenance' | 'Dwell' | 'RefusedBefore';
        readonly message: string;
        /** When it makes sense to ask again; undefined: when something changes. */
        readonly until?: number;
      };
}

/** Whether to speak now. A pure function of what it is asked. */
export function decide(question: PolicyQuestion, config: PolicyConfig): Decision {
  const { now, cluster, base, wanted } = question;
  const own = question.open.filter((proposal) => proposal.cluster === cluster);
  const ended: Decision['end'][number][] = [];
  const standing: OpenProposal[] = [];
  for (const proposal of own) {
    const { id, validUntil } = proposal;
    if (!sameSettings(proposal.base, base))
      ended.push({ id, phase: 'Superseded', reason: 'SettingsChanged' });
    else if (now >= validUntil) ended.push({ id, phase: 'Expired', reason: 'NobodyMerged' });
    else standing.push(proposal);
  }
  if (wanted === undefined)
    return {
      end: ended,
      act: { kind: 'hold', reason: 'NothingToPropose', message: 'No setting is to be changed.' },
    };
  const twin = standing.find(
    ({ family, patch }) => family === wanted.family && samePatch(patch, wanted.patch),
  );
  if (twin !== undefined) return { end: ended, act: { kind: 'keep', id: twin.id } };
  const held = reasonToWait(question, wanted, config);
  if (held !== undefined) return { end: ended, act: { kind: 'hold', ...held } };
  for (const { id, family } of standing)
    if (family === wanted.family) ended.push({ id, phase: 'Superseded', reason: 'NewerProposal' });
  return { end: ended, act: { kind: 'publish', validUntil: now + config.validMs } };
}

type Hold = Omit<Extract<Decision['act'], { kind: 'hold' }>, 'kind'>;

function reasonToWait(
  { now, cluster, classes, history }: PolicyQuestion,
  wanted: NonNullable<PolicyQuestion['wanted']>,
  { dwellMs, restMs, mutes, windows }: PolicyConfig,
): Hold | undefined {
  const mute = mutes.find((each) => {
    const mine = (each.cluster ?? cluster) === cluster && (each.family ?? wanted.family) === wanted.family;
    return now < each.until && mine && (each.class === undefined || classes.includes(each.class));
  });
  if (mute !== undefined) return { reason: 'Muted', message: `Muted: ${mute.why}`, until: mute.until };
  const ends = windows.map((window) => endOf(window, now)).filter((end) => end !== undefined);
  if (ends.length > 0)
    return { reason: 'Maintenance', message: 'People work on the cluster now.', until: Math.max(...ends) };
  const own = history.filter((entry) => entry.cluster === cluster);
  const applied = own.filter(({ became }) => became === 'Applied').map(({ at }) => at);
  const settled = Math.max(...applied) + dwellMs;
  if (now < settled) {
    const message = 'The effect of the last change of settings is still being watched.';
    return { reason: 'Dwell', message, until: settled };
  }
  const refused = own.filter(({ became, family, patch }) => {
    const final = became === 'Closed' || became === 'Rejected' || became === 'CannotReproduce';
    return final && family === wanted.family && samePatch(patch, wanted.patch);
  });
  const rested = Math.max(...refused.map(({ at }) => at)) + restMs;
  if (now < rested) {
    const message = 'Just this was closed, or did not help in its verification, a short while ago.';
    return { reason: 'RefusedBefore', message, until: rested };
  }
  return undefined;
}

const MINUTE_MS = 60_000;
const DAY_MINUTES = 24 * 60;
const WEEK_MINUTES = 7 * DAY_MINUTES;

/** When the window that `now` lies in is over. Undefined: it lies in none. */
function endOf(window: MaintenanceWindow, now: number): number | undefined {
  if ('from' in window) return now >= window.from && now < window.to ? window.to : undefined;
  const date = new Date(now);
  const minuteOfWeek = date.getUTCDay() * DAY_MINUTES + date.getUTCHours() * 60 + date.getUTCMinutes();
  const begun = window.weekday * DAY_MINUTES + window.minuteOfDay;
  const since = (minuteOfWeek - begun + WEEK_MINUTES) % WEEK_MINUTES;
  if (since >= window.minutes) return undefined;
  return (Math.floor(now / MINUTE_MS) + window.minutes - since) * MINUTE_MS;
}

function samePatch(a: Patch, b: Patch): boolean {
  const names = new Set([...Object.keys(a), ...Object.keys(b)] as (keyof Patch)[]);
  return [...names].every((name) => a[name] === b[name]);
}
