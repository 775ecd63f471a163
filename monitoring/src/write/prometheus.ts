import { ALERT_GROUPS } from '../alerts/index.js';
import { stringify } from 'yaml';

/** Of `aegis up` without flags: five members ten ports apart, and the agent's page behind those of the first. */
const BASE_PORT = 4_410;
const MEMBERS = 5;

/** A configuration of Prometheus for the cluster of `aegis up`, as a beginning for others. */
export function renderPrometheus(): string {
  const members = Array.from({ length: MEMBERS }, (_, at) => `127.0.0.1:${BASE_PORT + 10 * at + 2}`);
  const job = (name: string, targets: readonly string[]) => ({
    job_name: name,
    static_configs: [{ targets, labels: { cluster: 'local' } }],
  });
  const config = {
    global: { scrape_interval: '15s', scrape_timeout: '5s', evaluation_interval: '15s' },
    // The rules of the operator are left out: on one machine there is none.
    rule_files: ALERT_GROUPS.filter(({ name }) => name !== 'aegis-operator').map(
      ({ name }) => `rules/${name}.yaml`,
    ),
    scrape_configs: [job('aegis', members), job('aegis-agent', [`127.0.0.1:${BASE_PORT + 3}`])],
  };
  return `# Written by \`npm run monitoring\` from monitoring/src. For other clusters copy it and change the targets.\n${stringify(config)}`;
}
