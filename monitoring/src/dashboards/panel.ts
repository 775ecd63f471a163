/** Units of Grafana that are used here. */
export type PanelUnit =
  'none' | 'short' | 's' | 'bytes' | 'Bps' | 'ops' | 'percentunit' | 'bool_yes_no' | 'dateTimeFromNow';

export interface Query {
  /** PromQL, with the variables $namespace, $cluster and $__rate_interval. */
  readonly expr: string;
  /** Grafana's template of a series' name. */
  readonly legend: string;
}

/** One picture of a dashboard; where it stands follows from its order and width. */
export interface Panel {
  readonly title: string;
  /** What it shows and how to read it. */
  readonly about: string;
  readonly kind: 'timeseries' | 'stat';
  readonly unit: PanelUnit;
  /** Of the 24 columns. */
  readonly width: 4 | 6 | 8 | 12 | 24;
  readonly queries: readonly Query[];
  /**
   * Whether a loaded cluster without a fault returns nothing for it, and why: such as alarms, which only exist while one stands.
   */
  readonly emptyWhenWell?: string;
}

export interface Dashboard {
  /** Also the name of its file. */
  readonly uid: string;
  readonly title: string;
  readonly about: string;
  /** The metric whose labels fill the variables $namespace and $cluster. Undefined: it has no such variables. */
  readonly chosenBy: string | undefined;
  readonly panels: readonly Panel[];
}

/** The members of the chosen clusters. */
export const OF_CLUSTER = 'namespace=~"$namespace",cluster=~"$cluster"';

/** A line for each series. */
export function lines(
  title: string,
  unit: PanelUnit,
  about: string,
  queries: readonly Query[],
  more: Partial<Pick<Panel, 'width' | 'emptyWhenWell'>> = {},
): Panel {
  return { title, unit, about, queries, kind: 'timeseries', width: 12, ...more };
}

/** The number that stands now. */
export function number(title: string, unit: PanelUnit, about: string, expr: string, legend = ''): Panel {
  return { title, unit, about, kind: 'stat', width: 4, queries: [{ expr, legend }] };
}

/** A gauge of each member. */
export function eachMember(metric: string): Query {
  return { expr: `${metric}{${OF_CLUSTER}}`, legend: '{{instance}}' };
}

/** How fast a counter of each member grows. */
export function rateOfEach(metric: string): Query {
  return { expr: `rate(${metric}{${OF_CLUSTER}}[$__rate_interval])`, legend: '{{instance}}' };
}

/** A quantile of a histogram, of each member, and of each value of `by` besides. */
export function quantileOfEach(quantile: number, metric: string, by: readonly string[] = []): Query {
  const labels = ['instance', ...by, 'le'].join(', ');
  const legend = ['{{instance}}', ...by.map((label) => `${label} {{${label}}}`)].join(' ');
  return {
    expr: `histogram_quantile(${quantile}, sum by (${labels}) (rate(${metric}_bucket{${OF_CLUSTER}}[$__rate_interval])))`,
    legend,
  };
}
