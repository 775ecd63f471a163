import type { Share, Score } from '../score/score.js';
import type { MethodReport, Report } from './report.js';

const percent = (share: number | null): string =>
  share === null || Number.isNaN(share) ? '–' : `${(100 * share).toFixed(0)} %`;
const points = (value: number): string => (Number.isNaN(value) ? '–' : value.toFixed(2));

function share({ right, of, interval }: Share): string {
  return `${right}/${of} (${percent(interval.low)}–${percent(interval.high)})`;
}

/** The report for people. */
export function render(report: Report): string {
  const { sets, incidents, controls, confounded, rejected, withoutCase, methods, model, latency, misses } =
    report;
  const without = Object.entries(withoutCase).map(([template, why]) => `${template} (${reasons(why)})`);
  const lines = [
    `ConsensusOps-Bench: ${sets.join(', ')}`,
    `${incidents} incidents (${confounded} confounded), ${controls} controls; drawn and not taken: ${reasons(rejected) || 'none'}`,
    ...(without.length === 0 ? [] : [`Templates of which no try became a case: ${without.join(', ')}`]),
    '',
    'As recorded, a scrape a second. Shares with their 95 % intervals (Wilson).',
    ...table(
      ['method', 'classes exact', 'top-1', 'top-3', 'false alarms', 'macro-F1', 'path F1', 'Brier'],
      methods.map(({ method, scores }) => row(method, scores['1000']!)),
    ),
  ];
  lines.push(
    '',
    model === null
      ? 'Retrieval with a model is absent: no answers are recorded. To ask one: make bench-ops MODEL=settings.yaml'
      : `The model was to be asked about ${model.asked} windows; ${model.recorded} answers are recorded, ${model.accepted} were accepted; the rest is as the baseline has it.`,
  );
  if (methods.some(({ heldOut }) => heldOut !== null))
    lines.push(
      '',
      'Templates that were held out, apart:',
      ...table(
        ['method', 'classes exact', 'top-1', 'top-3'],
        methods.flatMap(({ method, heldOut }) =>
          heldOut === null ? [] : [[method, share(heldOut.exact), share(heldOut.top1), share(heldOut.top3)]],
        ),
      ),
    );
  lines.push(
    '',
    'Scraped less often:',
    ...table(['method', 'every', 'classes exact', 'top-1', 'top-3', 'false alarms'], slower(methods)),
  );
  const own = methods.find(({ behind }) => behind === null);
  if (own !== undefined)
    lines.push(
      '',
      `${own.method}, class by class:`,
      ...table(
        ['class', 'cases', 'precision', 'recall', 'F1'],
        own.scores['1000']!.classes.map((each) => [
          each.class,
          String(each.cases),
          percent(each.precision),
          percent(each.recall),
          points(each.f1),
        ]),
      ),
    );
  lines.push(
    '',
    `${own?.method ?? 'ours'} less the others, a case; paired bootstrap, 95 %:`,
    ...table(['method', 'classes exact', 'top-1', ''], differences(methods)),
  );
  const middle =
    latency.medianMs === null
      ? 'more than half are never right'
      : `median ${(latency.medianMs / 1000).toFixed(1)} s`;
  lines.push(
    '',
    `From injection to the right class, scraped every 5 s: ${middle}; never: ${latency.never} of ${latency.eachMs.length}.`,
  );
  lines.push('', misses.length === 0 ? 'No case is wrong.' : 'Wrong:');
  for (const { id, set, was, said } of misses) lines.push(`  ${set}/${id}: was ${was}; said ${said}`);
  return `${lines.join('\n')}\n`;
}

const reasons = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .map(([reason, count]) => `${reason} ${count}`)
    .join(', ');

function row(name: string, score: Score): string[] {
  return [
    name,
    share(score.exact),
    share(score.top1),
    share(score.top3),
    share(score.falseAlarms),
    points(score.macroF1),
    score.pathF1 === null ? '–' : points(score.pathF1),
    points(score.brier),
  ];
}

function slower(methods: readonly MethodReport[]): string[][] {
  return methods.flatMap(({ method, scores }) =>
    Object.entries(scores)
      .filter(([everyMs]) => everyMs !== '1000')
      .map(([everyMs, { exact, top1, top3, falseAlarms }]) => [
        method,
        `${Number(everyMs) / 1000} s`,
        ...[exact, top1, top3, falseAlarms].map(({ right, of }) => `${right}/${of}`),
      ]),
  );
}

function differences(methods: readonly MethodReport[]): string[][] {
  return methods.flatMap(({ method, behind }) => {
    if (behind === null) return [];
    const said = [behind.exact, behind.top1].map(
      ({ mean, low, high }) => `${points(mean)} (${points(low)} to ${points(high)})`,
    );
    const ahead = behind.exact.low > 0 && behind.top1.low > 0;
    return [[method, ...said, ahead ? 'ahead of it in both' : 'NOT ahead of it in both']];
  });
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const widths = head.map((cell, at) => Math.max(cell.length, ...rows.map((each) => each[at]?.length ?? 0)));
  return [head, ...rows].map((cells) =>
    `  ${cells.map((cell, at) => cell.padEnd(widths[at]!)).join('  ')}`.trimEnd(),
  );
}
