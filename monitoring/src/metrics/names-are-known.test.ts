import { describe, expect, test } from '@jest/globals';
import { ALERT_GROUPS } from '../alerts/index.js';
import { DASHBOARDS } from '../dashboards/index.js';
import { namesIn } from '../promql/names.js';
import { knownMetrics, metricOf, TARGET_LABELS } from './known.js';

const known = knownMetrics();
const expressions = [
  ...ALERT_GROUPS.flatMap(({ alerts }) =>
    alerts.map((alert): [string, string] => [alert.name, alert.expr((seconds) => `[${seconds}s]`)]),
  ),
  ...DASHBOARDS.flatMap(({ uid, panels }) =>
    panels.flatMap(({ title, queries }) =>
      queries.map(({ expr }): [string, string] => [`${uid}, ${title}`, expr]),
    ),
  ),
];

/** What is wrong with the names of an expression, as far as the programs' registries tell. */
function wrongIn(expr: string): string[] {
  const { selectors, grouped } = namesIn(expr);
  if (selectors.length === 0) return ['names no series'];
  const said: string[] = [];
  const labels = new Set<string>(TARGET_LABELS);
  for (const { series, labels: matched, rated } of selectors) {
    const metric = metricOf(series, known);
    if (metric === undefined) {
      said.push(`${series} is no metric of any program`);
      continue;
    }
    for (const label of metric.labels) labels.add(label);
    const own = new Set<string>([...TARGET_LABELS, ...metric.labels]);
    for (const label of matched) if (!own.has(label)) said.push(`${series} has no label ${label}`);
    const grows =
      metric.type === 'counter' ||
      metric.type === 'histogram' ||
      metric.series !== 'whole' ||
      /_(sum|count)$/.test(series);
    if (rated && !grows) said.push(`${series} is a gauge: it has no rate`);
  }
  for (const label of grouped) if (!labels.has(label)) said.push(`nothing there has the label ${label}`);
  return said;
}

describe('every name in queries and alerts is one that a program registers', () => {
  test.each(expressions)('%s', (_, expr) => {
    expect(wrongIn(expr)).toEqual([]);
  });
});

test.each([
  ['sum(aegis_has_leaders)', 'aegis_has_leaders is no metric of any program'],
  ['rate(aegis_leases[5m])', 'aegis_leases is a gauge: it has no rate'],
  ['aegis_alarms{sort="x"}', 'aegis_alarms has no label sort'],
  ['sum by (to) (aegis_leases)', 'nothing there has the label to'],
  [
    'rate(aegis_wal_fsync_duration_seconds[5m])',
    'aegis_wal_fsync_duration_seconds is no metric of any program',
  ],
])('%s is found wrong', (expr, message) => {
  expect(wrongIn(expr)).toContain(message);
});

test('the list comes from all three programs', () => {
  expect(known.get('aegis_raft_term')?.jobs).toEqual(['aegis']);
  expect(known.get('process_cpu_seconds_total')?.jobs).toEqual(['aegis-operator', 'aegis-agent']);
  expect(known.size).toBeGreaterThan(90);
});
