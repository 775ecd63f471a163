import type { SharedSettings } from '@aegis/proto/v1/cluster';
import { FIELDS, nextStage, SETTING_NAMES, type ConsensusSettings } from '@aegis/replica/settings';

/** One place of the cluster, and the settings that its process runs. */
export interface RollPlace {
  readonly name: string;
  readonly settings: ConsensusSettings;
}

/** How the replica of a place is right now. */
export interface RollLook {
  readonly name: string;
  readonly leads: boolean;
  /** It answers, knows a leader, and has applied what was committed when it was asked. */
  readonly well: boolean;
}

/** The cluster, as a roll needs it. */
export interface RollStage {
  places(): readonly RollPlace[];
  look(): Promise<readonly RollLook[]>;
  /** Gives a place its settings file and starts its process anew. */
  restart(name: string, settings: ConsensusSettings): Promise<void>;
  /** Has the leader hand over. */
  handOver(): Promise<void>;
  /** Changes the settings of the whole cluster by one logged command. */
  share(settings: SharedSettings): Promise<void>;
  /** Monotonic milliseconds. */
  now(): number;
  sleep(ms: number): Promise<void>;
}

export type RollResult =
  | { readonly kind: 'done' }
  | { readonly kind: 'held'; readonly why: string }
  /** A member did not come back with them, and has its earlier ones again. */
  | { readonly kind: 'taken-back'; readonly why: string }
  | { readonly kind: 'stopped' };

const MEMBER = SETTING_NAMES.filter((name) => FIELDS[name].scope === 'member');
const SHARED = SETTING_NAMES.filter(
  (name): name is keyof SharedSettings => FIELDS[name].scope === 'replicated',
);
/** A member that was restarted has this long to be well again; others have it before one is restarted. */
const BACK_MS = 60_000;
const POLL_MS = 250;

/** Whether no member has to restart for the one or the other. */
export function sameForMembers(a: ConsensusSettings, b: ConsensusSettings): boolean {
  return MEMBER.every((name) => a[name] === b[name]);
}

/**
 * Brings every place to the wanted settings: one at a time, those that are unwell first and the leader last, each only while the others
 * are a quorum without it, and in a stage between where old and new could not run side by side. What belongs to the whole cluster changes
 * by a logged command: the bounds of leases rise before the first restart, and fall after the last.
 * @param before what was in force; of what is shared only that is changed which differs from it
 */
export async function roll(
  stage: RollStage,
  before: ConsensusSettings,
  wanted: ConsensusSettings,
  signal: AbortSignal,
  say: (line: string) => void,
): Promise<RollResult> {
  for (;;) {
    const places = stage.places();
    const running = places.map(({ settings }) => settings);
    const target = nextStage(running, wanted);
    const held = await shared(stage, before, wanted, [...running, target], signal);
    if (held !== undefined) return held;
    const pending = places.filter(({ settings }) => !sameForMembers(settings, target));
    if (pending.length === 0 && sameForMembers(target, wanted))
      return (await shared(stage, before, wanted, [wanted], signal)) ?? { kind: 'done' };
    if (pending.length === 0) continue;
    const result = await next(stage, target, pending, signal, say);
    if (result !== undefined) return result;
  }
}

/** Restarts one more place with the target. Undefined: it is well again. */
async function next(
  stage: RollStage,
  target: ConsensusSettings,
  pending: readonly RollPlace[],
  signal: AbortSignal,
  say: (line: string) => void,
): Promise<RollResult | undefined> {
  const endMs = stage.now() + BACK_MS;
  let handed = false;
  for (;;) {
    if (signal.aborted) return { kind: 'stopped' };
    const looks = await stage.look();
    const unwell = pending.find(({ name }) => looks.find((look) => look.name === name)?.well !== true);
    const follower = pending.find(({ name }) => looks.find((look) => look.name === name)?.leads !== true);
    const place = unwell ?? follower ?? pending[0]!;
    const own = looks.find(({ name }) => name === place.name);
    const others = looks.filter(({ name, well }) => well && name !== place.name).length;
    const quorum = Math.floor(looks.length / 2) + 1;
    if (others < quorum) {
      if (stage.now() >= endMs)
        return {
          kind: 'held',
          why: `without ${place.name} only ${others} replicas would be well, ${quorum} are needed`,
        };
    } else if (own?.leads === true) {
      if (stage.now() >= endMs)
        return { kind: 'held', why: `${place.name} leads, and nobody took over from it` };
      if (!handed) await stage.handOver();
      handed = true;
    } else return restarted(stage, place, target, own?.well === true, signal, say);
    await stage.sleep(POLL_MS);
  }
}

async function restarted(
  stage: RollStage,
  { name, settings: old }: RollPlace,
  target: ConsensusSettings,
  wasWell: boolean,
  signal: AbortSignal,
  say: (line: string) => void,
): Promise<RollResult | undefined> {
  await stage.restart(name, target);
  if (await wellAgain(stage, name, signal)) {
    say(`${name} runs the new settings`);
    return undefined;
  }
  if (signal.aborted) return { kind: 'stopped' };
  const why = `${name} was not well again within ${BACK_MS / 1_000} s of its restart`;
  // Who was unwell before says nothing about the settings.
  if (!wasWell) return { kind: 'held', why };
  await stage.restart(name, old);
  await wellAgain(stage, name, signal);
  return { kind: 'taken-back', why };
}

async function wellAgain(stage: RollStage, name: string, signal: AbortSignal): Promise<boolean> {
  for (const endMs = stage.now() + BACK_MS; stage.now() < endMs && !signal.aborted;) {
    const looks = await stage.look();
    if (looks.find((look) => look.name === name)?.well === true) return true;
    await stage.sleep(POLL_MS);
  }
  return false;
}

/** What is shared, so that a lease outlives the election timeouts of all that run: the larger bounds of TTLs while they differ. */
async function shared(
  stage: RollStage,
  before: ConsensusSettings,
  wanted: ConsensusSettings,
  running: readonly ConsensusSettings[],
  signal: AbortSignal,
): Promise<RollResult | undefined> {
  const changed = SHARED.filter((name) => before[name] !== wanted[name]);
  if (changed.length === 0) return undefined;
  const mixed = running.some((settings) => !sameForMembers(settings, wanted));
  const now = (name: keyof SharedSettings): number => {
    const bound = name === 'leaseMinTtlMs' || name === 'leaseMaxTtlMs';
    return mixed && bound ? Math.max(before[name], wanted[name]) : wanted[name];
  };
  if (signal.aborted) return { kind: 'stopped' };
  const values = Object.fromEntries(SHARED.map((name) => [name, changed.includes(name) ? now(name) : 0]));
  try {
    await stage.share(values as unknown as SharedSettings);
    return undefined;
  } catch (error) {
    return {
      kind: 'held',
      why: `the leader refuses the settings of the whole cluster: ${(error as Error).message}`,
    };
  }
}
