import { readdirSync } from 'node:fs';
import { join } from 'node:path';

import { askPromtool, type PrometheusPrograms } from '../prometheus/programs.js';
import type { Tally } from '../tally.js';

/** What people install, as Prometheus' own tool sees it: the configuration, each file of rules, each file of their tests. */
export function checkRules(
  monitoring: string,
  programs: PrometheusPrograms,
  tally: Tally,
  say: (line: string) => void,
): void {
  const rules = join(monitoring, 'rules');
  const names = readdirSync(rules).sort();
  const tests = names.filter((name) => name.endsWith('.test.yaml'));
  const files = names.filter((name) => name.endsWith('.yaml') && !tests.includes(name));
  const judge = (what: string, argv: readonly string[], cwd: string): void => {
    const { ok, said } = askPromtool(programs, argv, cwd);
    say(`${ok ? 'right' : 'WRONG'}: ${what}${ok ? '' : `\n${said}`}`);
    tally.check(ok, `${what}: ${said}`);
  };
  judge('prometheus.yaml', ['check', 'config', 'prometheus.yaml'], monitoring);
  for (const file of files) judge(`rules/${file}`, ['check', 'rules', file], rules);
  for (const file of tests) judge(`rules/${file}`, ['test', 'rules', file], rules);
  tally.check(files.length > 0 && tests.length === files.length, 'each file of rules has one of tests');
}
