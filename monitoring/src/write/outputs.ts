import { ALERT_GROUPS } from '../alerts/index.js';
import { renderRules, renderRuleTests } from '../alerts/render.js';
import { DASHBOARDS } from '../dashboards/index.js';
import { renderDashboard } from '../dashboards/render.js';
import { renderPrometheus } from './prometheus.js';

/** Dashboards for Grafana: content by the name of the file. */
export function dashboardFiles(): ReadonlyMap<string, string> {
  return new Map(
    DASHBOARDS.map((each) => [
      `${each.uid}.json`,
      `${JSON.stringify(renderDashboard(each), undefined, 2)}\n`,
    ]),
  );
}

/** Rules for Prometheus: content by the name of the file. */
export function ruleFiles(): ReadonlyMap<string, string> {
  return new Map(ALERT_GROUPS.map((group) => [`${group.name}.yaml`, renderRules(group)]));
}

/** Every file below `monitoring/` that follows from this source. */
export function outputs(): ReadonlyMap<string, string> {
  const tests = ALERT_GROUPS.map((group): [string, string] => [
    `rules/${group.name}.test.yaml`,
    renderRuleTests(group),
  ]);
  return new Map([
    ...[...dashboardFiles()].map(([name, content]): [string, string] => [`dashboards/${name}`, content]),
    ...[...ruleFiles()].map(([name, content]): [string, string] => [`rules/${name}`, content]),
    ...tests,
    ['prometheus.yaml', renderPrometheus()],
  ]);
}
