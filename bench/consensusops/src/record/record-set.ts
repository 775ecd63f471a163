import { Random } from '@aegis/replica/sim';
import type { LabelFile } from '../labels/index.js';
import { Draw, type Planned, type Template } from '../schedule/index.js';
import { House } from './house.js';
import { recordCase } from './record-case.js';
import type { SetFolder } from './set-folder.js';

export interface SetPlan {
  readonly seed: number;
  readonly incidents: number;
  readonly controls: number;
  /** Only what was recorded while the machine had nothing else to do. */
  readonly guarded: boolean;
  readonly templates: { readonly incidents: readonly Template[]; readonly controls: readonly Template[] };
}

/** Of one drawn case, before it is given up: noise is the machine's fault and not the case's. */
const TRIES_MAX = 8;

/** Records until the set is full; goes on where it was left. */
export async function recordSet(
  plan: SetPlan,
  folder: SetFolder,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const house = new House(say, signal);
  try {
    for (;;) {
      const next = nextOf(plan, folder.labels);
      if (next === undefined || signal.aborted) return;
      const { planned, tries } = next;
      const { cases } = folder.labels;
      const all = plan.incidents + plan.controls;
      const begin = `${cases.length + 1} of ${all}: ${planned.template}, ${Math.round(planned.trace.durationMs / 1000)} s${tries > 0 ? `, try ${tries + 1}` : ''}`;
      say(begin);
      try {
        const recorded = await recordCase(planned, house, plan.guarded, signal);
        if ('rejection' in recorded) {
          folder.reject(recorded.rejection);
          say(`  not taken up, ${recorded.rejection.reason}: ${recorded.rejection.detail}`);
          // Of a cluster that has been through many cases more answers are late by themselves: the next try is with another.
          if (recorded.rejection.reason === 'noise') await house.close();
          continue;
        }
        const id = idOf(planned);
        const bytes = folder.add({ ...recorded.label, id }, recorded.text);
        say(
          `  ${id}, ${Math.round(bytes / 1024)} KiB: ${recorded.label.classes.join(', ') || 'nothing'} (${recorded.measured})`,
        );
      } catch (error) {
        if (signal.aborted) return;
        const { template, seed, control } = planned;
        const detail = (error instanceof Error ? error.message : String(error)).slice(0, 900);
        folder.reject({ template, seed, control, reason: 'failed', detail });
        say(`  failed: ${detail}`);
        await house.close();
      }
    }
  } finally {
    await house.close();
  }
}

/** What is recorded next. All that was drawn before is taken up or rejected, so that the same comes next whenever it is asked. */
export function nextOf(
  plan: SetPlan,
  { cases, rejections }: Pick<LabelFile, 'cases' | 'rejections'>,
): { readonly planned: Planned; readonly tries: number } | undefined {
  const left = (control: boolean): number =>
    (control ? plan.controls : plan.incidents) -
    cases.filter((each) => (each.control !== null) === control).length;
  const incidents = left(false);
  const controls = left(true);
  if (incidents <= 0 && controls <= 0) return undefined;
  // Which kind comes is drawn for every case that is taken up, so that a rejection does not change it.
  const chance = new Random(plan.seed + cases.length).fraction();
  const wantsControl = chance * (Math.max(0, incidents) + Math.max(0, controls)) < Math.max(0, controls);
  const settled = new Set(cases.map(({ seed }) => seed));
  const draw = new Draw(plan.seed, plan.templates);
  for (;;) {
    const planned = wantsControl ? draw.control() : draw.incident();
    if (settled.has(planned.seed)) continue;
    const own = rejections.filter(({ seed }) => seed === planned.seed);
    const final = own.some(({ reason }) => reason !== 'noise' && reason !== 'failed');
    if (!final && own.length < TRIES_MAX) return { planned, tries: own.length };
  }
}

/** Says nothing about the case. */
function idOf({ seed }: Planned): string {
  return `case-${new Random(seed)
    .below(2 ** 24)
    .toString(16)
    .padStart(6, '0')}`;
}
