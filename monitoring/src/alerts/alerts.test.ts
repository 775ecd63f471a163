import { describe, expect, test } from '@jest/globals';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { ALERT_GROUPS } from './index.js';
import { forOf, overOf, renderRules, renderRuleTests } from './render.js';

const ROOT = join(import.meta.dirname, '../../..');
const alerts = ALERT_GROUPS.flatMap((group) => group.alerts);

interface Rules {
  readonly groups: readonly [{ readonly rules: readonly Rule[] }];
}
interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly annotations: Readonly<Record<string, string>>;
}
const rulesOf = (text: string): readonly Rule[] => (parse(text) as Rules).groups[0].rules;

describe.each(alerts.map((alert) => [alert.name, alert] as const))('%s', (name, alert) => {
  test('is called as others are, and says what and what to do', () => {
    expect(name).toMatch(/^Aegis([A-Z][a-z]+)+$/);
    expect(alert.summary.length).toBeLessThan(90);
    expect(alert.description).toMatch(/\.$/);
  });

  test('links a runbook that exists', () => {
    expect(alert.runbook).toMatch(/^(agent\/runbooks|docs)\/[a-z-]+\.md$/);
    expect(existsSync(join(ROOT, alert.runbook))).toBe(true);
  });

  test('tells labels that its unit test has', () => {
    const told = [...`${alert.summary} ${alert.description}`.matchAll(/\$labels\.(\w+)/g)].map(
      ([, label]) => label!,
    );
    expect(told.filter((label) => !(label in alert.fires.labels))).toEqual([]);
    expect(`${alert.summary} ${alert.description}`.replaceAll(/\{\{ \$labels\.\w+ \}\}/g, '')).not.toMatch(
      /[{}$]/,
    );
  });

  test('has a trace that exists, if it is a trace that makes it fire', () => {
    const { trigger } = alert;
    if (trigger.kind !== 'trace' && trigger.kind !== 'trace-with-settings') return;
    const text = readFileSync(join(ROOT, 'client/chaos', `${trigger.name}.yaml`), 'utf8');
    // A trace with settings cannot be run on a cluster that is up.
    const given = trigger.kind === 'trace-with-settings' && trigger.settings !== undefined;
    expect('settings' in (parse(text) as object) || given).toBe(trigger.kind === 'trace-with-settings');
  });
});

test('names are their own', () => {
  expect(new Set(alerts.map(({ name }) => name)).size).toBe(alerts.length);
});

test('times are shortened by the factor alone, and ranges never below a few scrapes', () => {
  expect([overOf(1)(300), overOf(20)(900), overOf(20)(300), overOf(1)(90)]).toEqual([
    '[5m]',
    '[45s]',
    '[15s]',
    '[90s]',
  ]);
  for (const group of ALERT_GROUPS) {
    const [whole, short] = [1, 20].map((shortened) =>
      rulesOf(renderRules(group, { shortened, runbookBase: '' })),
    );
    const bare = (rule: Rule) => ({ ...rule, for: '', expr: rule.expr.replaceAll(/\[\w+\]/g, '[]') });
    expect(short!.map(bare)).toEqual(whole!.map(bare));
  }
  const stalls = alerts.find(({ name }) => name === 'AegisLogSyncSlow')!;
  expect([forOf(stalls, 1), forOf(stalls, 20)]).toEqual([300, 15]);
  expect(() => renderRules(ALERT_GROUPS[0]!, { shortened: 0, runbookBase: '' })).toThrow(RangeError);
});

test('runbooks get the base that is asked for', () => {
  const [first] = rulesOf(
    renderRules(ALERT_GROUPS[0]!, { shortened: 1, runbookBase: 'https://git.example/aegis/' }),
  );
  expect(first!.annotations['runbook_url']).toMatch(/^https:\/\/git\.example\/aegis\/agent\/runbooks\//);
});

test('each alert has a unit test in which it fires, and one in which it is silent', () => {
  const tests = ALERT_GROUPS.flatMap(
    (group) => (parse(renderRuleTests(group)) as { tests: { name: string }[] }).tests,
  );
  expect(tests.map(({ name }) => name)).toEqual(
    alerts.flatMap(({ name }) => [`${name} fires`, `${name} is silent`]),
  );
});
