import type { Alert } from '../alerts/alert.js';
import { faultOf } from '../alerts/fault.js';
import { ALERT_GROUPS } from '../alerts/index.js';
import { forOf } from '../alerts/render.js';

const BEGIN = '<!-- alerts: written by npm run monitoring -->';
const END = '<!-- end of alerts -->';

/** The page with the table of alerts as it is now. Throws if the page has no place for it. */
export function withAlertTable(page: string): string {
  const [before, after] = [page.split(BEGIN)[0], page.split(END)[1]];
  if (before === undefined || after === undefined || !page.includes(BEGIN))
    throw new Error(`the page of alerts has to have the lines ${BEGIN} and ${END}`);
  const tables = ALERT_GROUPS.map(({ name, alerts }) => {
    const rows = alerts.map((alert) => row(alert));
    const head =
      '| alert | severity | after | what it says | runbook | what makes it fire in `make monitoring` |\n| --- | --- | --- | --- | --- | --- |';
    return `### \`${name}\`\n\n${head}\n${rows.join('\n')}`;
  });
  return `${before}${BEGIN}\n\n${tables.join('\n\n')}\n\n${END}${after}`;
}

function row(alert: Alert): string {
  const { name, severity, summary, runbook, trigger } = alert;
  const seconds = forOf(alert, 1);
  const after = seconds === 0 ? 'at once' : `${seconds / 60} min`;
  const plain = summary.replaceAll(/\{\{ \$labels\.(\w+) \}\}/g, '`$1`');
  const link = runbook.startsWith('docs/') ? runbook.slice('docs/'.length) : `../${runbook}`;
  return `| ${name} | ${severity} | ${after} | ${plain} | [${runbook.split('/').at(-1)!}](${link}) | ${faultOf(trigger, (trace) => `\`${trace}\``)} |`;
}
