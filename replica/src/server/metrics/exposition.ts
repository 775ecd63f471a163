/** One sample of a page of metrics. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** May be NaN or infinite, as Prometheus allows. */
  readonly value: number;
}

export interface Page {
  readonly samples: readonly Sample[];
  /** Lines that are no samples: a page that was cut, or is none. */
  readonly unreadable: number;
}

/** What one page may have: a replica's has some 500 lines. More is not read. */
const LINES_MAX = 20_000;
const NAME = /^[a-zA-Z_:][\w:]*/;
const LABEL = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)",?/gy;
/** Prometheus reads the special values in any case. */
const SPECIAL: Readonly<Record<string, number>> = {
  '+inf': Infinity,
  inf: Infinity,
  '-inf': -Infinity,
  nan: Number.NaN,
};

/**
 * Reads Prometheus' text format. What cannot be read is counted and passed over, so that half a page still tells what it can; the last
 * line counts only if it is ended.
 */
export function parsePage(text: string): Page {
  const lines = text.split('\n', LINES_MAX + 1);
  const last = lines.pop();
  const samples: Sample[] = [];
  let unreadable = last === '' || last === undefined ? 0 : 1;
  for (const line of lines) {
    if (line === '' || line.startsWith('#')) continue;
    const sample = parseLine(line);
    if (sample === undefined) unreadable++;
    else samples.push(sample);
  }
  return { samples, unreadable };
}

function parseLine(line: string): Sample | undefined {
  const name = NAME.exec(line)?.[0];
  if (name === undefined) return undefined;
  const labels: Record<string, string> = {};
  let rest = line.slice(name.length);
  if (rest.startsWith('{')) {
    LABEL.lastIndex = 1;
    let end = 1;
    for (let match = LABEL.exec(rest); match !== null; match = LABEL.exec(rest)) {
      labels[match[1]!] = match[2]!;
      end = LABEL.lastIndex;
    }
    if (rest[end] !== '}') return undefined;
    rest = rest.slice(end + 1);
  }
  const [value, , ...more] = rest.trim().split(/\s+/);
  if (value === undefined || value === '' || more.length > 0) return undefined;
  const number = SPECIAL[value.toLowerCase()] ?? Number(value);
  if (Number.isNaN(number) && value.toLowerCase() !== 'nan') return undefined;
  return { name, labels, value: number };
}
