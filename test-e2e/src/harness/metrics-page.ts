/** A scrape in Prometheus' text format: the samples by name with their labels, in the order of the page. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const LINE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)(?: \d+)?$/;
const LABEL = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"(?:,|$)/gy;

/** Throws, naming the line, unless the page is what Prometheus would read. */
export function parseMetrics(page: string): Sample[] {
  const samples: Sample[] = [];
  for (const line of page.split('\n')) {
    if (line === '' || /^# (HELP|TYPE) [a-zA-Z_:]/.test(line)) continue;
    const match = LINE.exec(line);
    if (match === null) throw new Error(`not a sample: ${JSON.stringify(line)}`);
    samples.push({
      name: match[1]!,
      labels: labelsOf(match[2] ?? '', line),
      value: numberOf(match[3]!, line),
    });
  }
  return samples;
}

/** The sum of a metric over all of its labels; undefined: it is not there. */
export function total(samples: readonly Sample[], name: string): number | undefined {
  const found = samples.filter((sample) => sample.name === name);
  return found.length === 0 ? undefined : found.reduce((sum, { value }) => sum + value, 0);
}

/** The sum of a metric of the replica whose telemetry port this is. */
export async function metricOf(metricsAddress: string, name: string): Promise<number | undefined> {
  const answer = await fetch(`http://${metricsAddress}/metrics?name[]=${name}`);
  return total(parseMetrics(await answer.text()), name);
}

function labelsOf(text: string, line: string): Record<string, string> {
  const labels: Record<string, string> = {};
  LABEL.lastIndex = 0;
  let end = 0;
  for (let match = LABEL.exec(text); match !== null; match = LABEL.exec(text)) {
    labels[match[1]!] = match[2]!;
    end = LABEL.lastIndex;
  }
  if (end !== text.length) throw new Error(`labels that cannot be read: ${line}`);
  return labels;
}

/** Prometheus reads the special values in any case. */
const SPECIAL: Readonly<Record<string, number>> = { '+inf': Infinity, '-inf': -Infinity, nan: Number.NaN };

function numberOf(text: string, line: string): number {
  const special = SPECIAL[text.toLowerCase()];
  if (special !== undefined) return special;
  const value = Number(text);
  if (Number.isNaN(value)) throw new Error(`a value that is no number: ${line}`);
  return value;
}
