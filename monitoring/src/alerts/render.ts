import { stringify } from 'yaml';
import type { Alert, AlertGroup, Over, RuleCase } from './alert.js';

/** A rate needs a few scrapes, however much times are shortened. */
const WINDOW_SECONDS_LEAST = 15;
const TEST_INTERVAL = '15s';

export interface RuleOptions {
  /** Every `for` and every range is divided by this: 1 in what is installed. */
  readonly shortened: number;
  /** Stands before the paths of runbooks, such as `https://git.example/aegis/blob/main/`. */
  readonly runbookBase: string;
}
export const AS_INSTALLED: RuleOptions = { shortened: 1, runbookBase: '' };

/** The rules of a group, as a file for Prometheus. Throws RangeError for a factor below one. */
export function renderRules({ name, alerts }: AlertGroup, options: RuleOptions = AS_INSTALLED): string {
  if (!(options.shortened >= 1))
    throw new RangeError(`times are shortened by 1 or more, not ${options.shortened}`);
  return toYaml({ groups: [{ name, rules: alerts.map((alert) => ruleOf(alert, options)) }] });
}

/** Unit tests of a group for `promtool test rules`: each alert fires where it should, and does not where it nearly would. */
export function renderRuleTests({ name, alerts }: AlertGroup): string {
  return toYaml({
    rule_files: [`${name}.yaml`],
    evaluation_interval: TEST_INTERVAL,
    tests: alerts.flatMap((alert) => [
      testOf(`${alert.name} fires`, alert.name, alert.fires, [
        {
          exp_labels: { severity: alert.severity, ...alert.fires.labels },
          exp_annotations: annotationsOf(alert, '', alert.fires.labels),
        },
      ]),
      testOf(`${alert.name} is silent`, alert.name, alert.silent, []),
    ]),
  });
}

export function overOf(shortened: number): Over {
  return (seconds) => `[${duration(Math.max(WINDOW_SECONDS_LEAST, seconds / shortened))}]`;
}

/** How long an alert has to be true where times are shortened, in seconds. */
export function forOf({ forSeconds }: Alert, shortened: number): number {
  return Math.round(forSeconds / shortened);
}

function ruleOf(alert: Alert, { runbookBase, ...options }: RuleOptions) {
  const shortened = Math.min(options.shortened, alert.shortenedMax ?? Infinity);
  const forSeconds = forOf(alert, shortened);
  return {
    alert: alert.name,
    expr: alert.expr(overOf(shortened)),
    ...(forSeconds === 0 ? {} : { for: duration(forSeconds) }),
    labels: { severity: alert.severity },
    annotations: annotationsOf(alert, runbookBase),
  };
}

/** @param labels fills in the templates; undefined: they stay */
function annotationsOf(alert: Alert, runbookBase: string, labels?: Readonly<Record<string, string>>) {
  const filled = (text: string): string =>
    labels === undefined
      ? text
      : text.replaceAll(/\{\{ \$labels\.(\w+) \}\}/g, (_, name: string) => labels[name] ?? '');
  return {
    summary: filled(alert.summary),
    description: filled(alert.description),
    runbook_url: `${runbookBase}${alert.runbook}`,
  };
}

function testOf(
  name: string,
  alertname: string,
  { series, atMinutes }: RuleCase,
  exp_alerts: readonly object[],
) {
  return {
    name,
    interval: TEST_INTERVAL,
    input_series: Object.entries(series).map(([metric, values]) => ({ series: metric, values })),
    alert_rule_test: [{ eval_time: `${atMinutes}m`, alertname, exp_alerts }],
  };
}

/** As Prometheus writes it: `1h`, `5m`, `45s`, and `90s` for what is no whole minute. */
function duration(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole % 3_600 === 0) return `${whole / 3_600}h`;
  return whole % 60 === 0 ? `${whole / 60}m` : `${whole}s`;
}

function toYaml(content: object): string {
  return `# Written by \`npm run monitoring\` from monitoring/src. Edit that, not this.\n${stringify(content, { lineWidth: 0 })}`;
}
