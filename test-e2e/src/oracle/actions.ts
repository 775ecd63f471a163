import type { Random } from '@aegis/replica/sim';

/** What a schedule can do besides delivering messages and doing work. Each can be switched off, to shrink a failure. */
export const actionNames = [
  'tick',
  'tickAll',
  'propose',
  'change',
  'read',
  'transfer',
  'forget',
  'campaign',
  'unreachable',
  'snapshotStatus',
  'compact',
  'busy',
  'crash',
  'cut',
  'coup',
  'late',
  'quiesce',
  'forge',
] as const;
export type ActionName = (typeof actionNames)[number];

/** How often each action is chosen, where all others are at their usual rate. */
const usual: Record<ActionName, number> = {
  tick: 6,
  tickAll: 5,
  propose: 12,
  change: 5,
  read: 3,
  transfer: 1,
  forget: 0.4,
  campaign: 1.5,
  unreachable: 0.7,
  snapshotStatus: 0.5,
  compact: 5,
  busy: 0.4,
  crash: 1,
  cut: 0.6,
  coup: 0.5,
  late: 1,
  quiesce: 0.5,
  forge: 0.1,
};

/** Draws how often each action comes. Some never do: what is rare shows best where other things are absent. */
export function drawRates(
  random: Random,
  without: ReadonlySet<string>,
): { name: ActionName; upTo: number }[] {
  let total = 0;
  return actionNames.map((name) => {
    const absent = !name.startsWith('tick') && random.chance(0.25);
    const rate = usual[name] * 3 ** (2 * random.fraction() - 1);
    if (!absent && !without.has(name)) total += rate;
    return { name, upTo: total };
  });
}
