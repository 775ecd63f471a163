import { asRecorded, type BenchOps, type Difference, type Share } from './bench.js';

/** The paper's parts that are made of the bench's JSON: Markdown by the name of the mark that they stand behind. */
export function paperTables(bench: BenchOps): ReadonlyMap<string, string> {
  return new Map([
    ['set', set(bench)],
    ['methods', methods(bench)],
    ['scrapes', scrapes(bench)],
    ['differences', differences(bench)],
    ['latency', latency(bench)],
  ]);
}

function set({ sets, incidents, controls, confounded, rejected, withoutCase }: BenchOps): string {
  const left = reasons(rejected);
  const out = left === '' ? 'None was drawn and left out.' : `Drawn and left out: ${left}.`;
  const without = Object.entries(withoutCase).map(([template, why]) => `\`${template}\` (${reasons(why)})`);
  const never =
    without.length === 0 ? '' : ` Templates of which no try became a case: ${without.join(', ')}.`;
  return `Set: \`${sets.join('`, `')}\`. ${incidents} incidents, ${confounded} of them confounded, and ${controls} controls. ${out}${never}`;
}

const reasons = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .map(([reason, cases]) => `${cases} as \`${reason}\``)
    .join(', ');

function methods(bench: BenchOps): string {
  const rows = bench.methods.map((method) => {
    const { exact, top1, top3, falseAlarms, macroF1, pathF1, brier } = asRecorded(method);
    const shares = [exact, top1, top3, falseAlarms].map(share);
    return [method.method, ...shares, ...[macroF1, pathF1, brier].map((value) => value.toFixed(2))];
  });
  return table(
    ['method', 'classes exact', 'top-1', 'top-3', 'false alarms', 'macro-F1', 'path F1', 'Brier'],
    rows,
  );
}

function scrapes(bench: BenchOps): string {
  const rows = bench.methods.flatMap(({ method, scores }) =>
    Object.entries(scores).map(([everyMs, { exact, top1, falseAlarms }]) => [
      method,
      `${Number(everyMs) / 1000} s`,
      ...[exact, top1, falseAlarms].map(({ right, of }) => `${right}/${of}`),
    ]),
  );
  return table(['method', 'every', 'classes exact', 'top-1', 'false alarms'], rows);
}

function differences(bench: BenchOps): string {
  const rows = bench.methods.flatMap(({ method, behind }) => {
    if (behind === null) return [];
    const ahead = behind.exact.low > 0 && behind.top1.low > 0;
    return [[method, difference(behind.exact), difference(behind.top1), ahead ? 'yes' : 'no']];
  });
  return table(['beside', 'classes exact', 'top-1', 'ahead in both'], rows);
}

function latency({ latency: { medianMs, never, eachMs } }: BenchOps): string {
  const median = medianMs === null ? 'none was told' : `median ${(medianMs / 1000).toFixed(1)} s`;
  return `From the injection to the right class, scraped every 5 s: ${median}; never in ${never} of ${eachMs.length}.`;
}

function share({ right, of, interval: { low, high } }: Share): string {
  return `${right}/${of} (${percent(low)}–${percent(high)})`;
}

function difference({ mean, low, high }: Difference): string {
  return `${mean.toFixed(2)} (${low.toFixed(2)} to ${high.toFixed(2)})`;
}

function percent(part: number): string {
  return `${Math.round(part * 100)} %`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
