/** What a query names. No parser of PromQL: promtool and Prometheus judge the grammar. */
export interface Named {
  /** Series, and the labels that their selectors match on. */
  readonly selectors: readonly {
    readonly series: string;
    readonly labels: readonly string[];
    readonly rated: boolean;
  }[];
  /** Labels after by, without, on, ignoring and group_left. */
  readonly grouped: readonly string[];
}

const GROUPING = /\b(?:by|without|on|ignoring|group_left|group_right)\s*\(([^)]*)\)/g;
const WORDS = new Set(['and', 'or', 'unless', 'bool', 'offset']);
/** What only makes sense of what only grows. */
const OF_COUNTERS = new Set(['rate', 'increase', 'irate']);

/** Series and labels of a PromQL expression. */
export function namesIn(expr: string): Named {
  const grouped: string[] = [];
  const rest = expr.replaceAll(GROUPING, (_, list: string) => {
    grouped.push(
      ...list
        .split(',')
        .map((label) => label.trim())
        .filter((label) => label !== ''),
    );
    return ' ';
  });
  const selectors: Named['selectors'][number][] = [];
  for (const match of rest.matchAll(/([a-zA-Z_:][\w:]*)\s*(\(|\{[^}]*\})?/g)) {
    const [, name = '', next = ''] = match;
    if (next === '(' || WORDS.has(name)) continue;
    // Units of ranges and strings of matchers are no names.
    const before = rest.slice(0, match.index);
    if (/[\d$[:"]$/.test(before) || insideBraces(before)) continue;
    const labels = [...next.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)].map(([, label]) => label!);
    const called = /(\w+)\s*\(\s*$/.exec(before)?.[1];
    selectors.push({ series: name, labels, rated: called !== undefined && OF_COUNTERS.has(called) });
  }
  return { selectors, grouped };
}

function insideBraces(before: string): boolean {
  return before.lastIndexOf('{') > before.lastIndexOf('}');
}
