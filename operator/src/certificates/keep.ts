import type { AegisCluster } from '@aegis/crds';
import { overlapMs } from './annotations.js';
import type { CertificatesContext } from './context.js';
import { sinceMs, usable, writeHolders, type HolderSecrets, type Outcome } from './holders.js';
import { nextMove, TRUSTED_MAX, trustedAfter, unseenBy, type Move } from './rotation.js';
import type { Held, Problem, Source } from './source.js';

/** How soon to look again at something that may change at any moment, in milliseconds. */
export const SOON_MS = 5_000;
/** A Secret reaches the pods within two minutes. Whoever has not taken it after this time is in trouble. */
const SLOW_MS = 600_000;

/** Why a move is not made now. */
export interface Hold {
  readonly untilMs: number;
  readonly message: string;
  readonly problem?: Problem;
}

export interface Kept extends Outcome {
  /** What is still to be done of a rotation; undefined: all is of the newest authority and trusts it alone. */
  readonly rest: Move | undefined;
  /** The same as a sentence. */
  readonly rotation: string | undefined;
  readonly hold: Hold | undefined;
}

const STEPS = { announce: 1, switch: 2, drop: 3 } as const;

/** One pass over the Secrets of members and clients: the next move of a rotation if its time has come, and what is due. */
export async function keepHolders(
  context: CertificatesContext,
  cluster: AegisCluster,
  secrets: HolderSecrets,
  source: Source,
): Promise<Kept> {
  const nowMs = context.nowMs();
  const held = usable(secrets.member, nowMs);
  const move = held === undefined ? undefined : nextMove(held.pair, source.target);
  // An operator that keeps its hands off only tells.
  if (cluster.spec.paused) return kept({ secrets, written: [], renewed: [] }, source, undefined, nowMs);
  const hold =
    held === undefined || move === undefined ? undefined : await holdOf(context, cluster, held, source, move);
  const made = hold === undefined ? move : undefined;
  const outcome = await writeHolders(context, cluster, secrets, source, made);
  await tell(context, cluster, outcome, made);
  return kept(outcome, source, hold, nowMs);
}

function kept(outcome: Outcome, source: Source, hold: Hold | undefined, nowMs: number): Kept {
  const member = usable(outcome.secrets.member, nowMs);
  const rest = member === undefined ? undefined : nextMove(member.pair, source.target);
  const going =
    rest === undefined ? undefined : `step ${STEPS[rest]} of 3 of the rotation of the authority is next`;
  return { ...outcome, rest, rotation: hold?.message ?? going, hold };
}

/** The names of the pods that have not taken what their Secret holds; none if there are no pods. */
export async function unseen(
  context: CertificatesContext,
  cluster: AegisCluster,
  { pair }: Held,
): Promise<string[]> {
  return unseenBy(await context.tellTls(cluster), pair);
}

async function holdOf(
  context: CertificatesContext,
  cluster: AegisCluster,
  held: Held,
  source: Source,
  move: Move,
): Promise<Hold | undefined> {
  const nowMs = context.nowMs();
  if (move === 'announce') {
    if (trustedAfter(move, held.pair, source.target).length <= TRUSTED_MAX) return undefined;
    const message = `the authority has changed so often that ${TRUSTED_MAX} are trusted; the newest is not taken before the older ones are given up`;
    return { untilMs: nowMs + SOON_MS, message, problem: { reason: 'TooManyAuthorities', message } };
  }
  const step = `step ${STEPS[move]} of 3 of the rotation of the authority`;
  const overlap = overlapMs(cluster);
  if (typeof overlap === 'string') {
    const problem = { reason: 'AnnotationInvalid', message: `${overlap}; until then the rotation waits` };
    return { untilMs: nowMs + SOON_MS, message: `${step} waits: ${overlap}`, problem };
  }
  const fromMs = sinceMs(held, nowMs) + overlap;
  if (nowMs < fromMs) {
    const message = `${step} waits until ${new Date(fromMs).toISOString()}, so that clients can take the last one from their Secret`;
    return { untilMs: fromMs, message };
  }
  const pods = await unseen(context, cluster, held);
  if (pods.length === 0) return undefined;
  const message = `${step} waits for ${pods.join(', ')} to take the last one`;
  const late = nowMs - fromMs > SLOW_MS;
  const advice = `${message}: look at the pod's log and at /member of its metrics port; a pod that is stuck has to be deleted`;
  return {
    untilMs: nowMs + SOON_MS,
    message,
    ...(late ? { problem: { reason: 'RotationHeldUp', message: advice } } : {}),
  };
}

const MOVES = {
  announce: 'step 1 of 3: a new authority is trusted beside the old one',
  switch: 'step 2 of 3: the certificates are of the new authority',
  drop: 'step 3 of 3: the old authority is trusted no more',
} as const;

async function tell(
  context: CertificatesContext,
  cluster: AegisCluster,
  { renewed, written }: Outcome,
  move: Move | undefined,
): Promise<void> {
  if (move !== undefined && written.length > 0)
    await context.record(cluster, { type: 'Normal', reason: 'AuthorityRotation', message: MOVES[move] });
  for (const holder of renewed)
    await context.record(cluster, {
      type: 'Normal',
      reason: 'CertificateIssued',
      message: `the certificate of the ${holder}s is a new one; nothing is restarted for it`,
    });
}
