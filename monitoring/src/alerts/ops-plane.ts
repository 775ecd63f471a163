import { A_CLUSTER, type Alert, HOUR, MINUTE, ofProcess } from './alert.js';

const DAY = 24 * HOUR;
const ANOTHER = { ...A_CLUSTER, cluster: 'short-lived' };

/** A counter that grows by one every minute, for half an hour. */
const ONE_A_MINUTE = Array.from({ length: 30 }, (_, minute) => `${minute}x3`).join(' ');

const operator = (metric: string, more = {}): string => ofProcess('aegis-operator', metric, more);
const agent = (metric: string, more = {}): string => ofProcess('aegis-agent', metric, more);

/** For those who run the operator. */
export const OPERATOR_ALERTS: readonly Alert[] = [
  {
    name: 'AegisOperatorDown',
    severity: 'warning',
    expr: () => 'absent(aegis_operator_leading == 1)',
    forSeconds: 5 * MINUTE,
    summary: 'No operator of AEGIS works',
    description:
      'Clusters go on; nothing repairs them, renews their certificates or brings merged settings to them.',
    runbook: 'docs/operator.md',
    trigger: { kind: 'stop', what: 'operator' },
    fires: {
      series: { [operator('aegis_operator_leading')]: '1x3 0x40' },
      atMinutes: 8,
      labels: {},
    },
    silent: {
      series: { [operator('aegis_operator_leading')]: '0x10 1x40' },
      atMinutes: 8,
    },
  },
  {
    name: 'AegisOperatorFails',
    severity: 'warning',
    // One cluster that fails is looked at once a minute in the end: that has to be enough.
    expr: (over) => `sum(rate(aegis_operator_reconcile_errors_total${over(10 * MINUTE)})) > 0.01`,
    forSeconds: 10 * MINUTE,
    summary: 'The operator fails again and again',
    description:
      'Looks at clusters fail and are repeated: what is declared is not done. Its log names the cluster and the reason.',
    runbook: 'docs/operator.md',
    trigger: { kind: 'stop', what: 'api-server' },
    fires: {
      series: { [operator('aegis_operator_reconcile_errors_total')]: ONE_A_MINUTE },
      atMinutes: 25,
      labels: {},
    },
    silent: {
      series: { [operator('aegis_operator_reconcile_errors_total')]: '0x40 2x80' },
      atMinutes: 25,
    },
  },
  {
    name: 'AegisOperatorApiErrors',
    severity: 'warning',
    expr: (over) =>
      `sum(rate(aegis_operator_api_requests_total{code=~"0|5.."}${over(5 * MINUTE)})) / ` +
      `sum(rate(aegis_operator_api_requests_total${over(5 * MINUTE)})) > 0.1`,
    forSeconds: 5 * MINUTE,
    summary: 'The Kubernetes API fails the operator',
    description: 'More than a tenth of its requests is answered with 5xx or not at all.',
    runbook: 'docs/operator.md',
    trigger: { kind: 'stop', what: 'api-server' },
    fires: {
      series: {
        [operator('aegis_operator_api_requests_total', { verb: 'GET', code: '0' })]: '0+20x80',
        [operator('aegis_operator_api_requests_total', { verb: 'GET', code: '200' })]: '0+80x80',
      },
      atMinutes: 15,
      labels: {},
    },
    silent: {
      series: {
        [operator('aegis_operator_api_requests_total', { verb: 'GET', code: '404' })]: '0+50x80',
        [operator('aegis_operator_api_requests_total', { verb: 'GET', code: '200' })]: '0+50x80',
      },
      atMinutes: 15,
    },
  },
  {
    name: 'AegisCertificateEnds',
    severity: 'critical',
    // Renewed when a third of it is left. Of short lives a week would be all.
    expr: () =>
      `min by (namespace, cluster) (aegis_operator_certificate_end_seconds) - time() < ` +
      `clamp_max(min by (namespace, cluster) (aegis_operator_certificate_life_seconds) / 8, ${7 * DAY})`,
    forSeconds: 10 * MINUTE,
    summary: 'A certificate of {{ $labels.cluster }} ends soon, and is not renewed',
    description:
      'Less than a week or an eighth of its life is left. It should have been renewed long ago: the operator is down or paused, or cannot write Secrets, or cert-manager does not answer. Members that lose it cannot connect again.',
    runbook: 'agent/runbooks/certificates-expired.md',
    trigger: { kind: 'stop', what: 'certificate-renewal' },
    fires: {
      series: {
        [operator('aegis_operator_certificate_end_seconds', A_CLUSTER)]: '600000x80',
        [operator('aegis_operator_certificate_life_seconds', A_CLUSTER)]: `${90 * DAY}x80`,
      },
      atMinutes: 15,
      labels: A_CLUSTER,
    },
    silent: {
      series: {
        [operator('aegis_operator_certificate_end_seconds', A_CLUSTER)]: '700000x80',
        [operator('aegis_operator_certificate_life_seconds', A_CLUSTER)]: `${90 * DAY}x80`,
        // Of a certificate of two days a third is left: it is renewed just now.
        [operator('aegis_operator_certificate_end_seconds', ANOTHER)]: `${DAY}x80`,
        [operator('aegis_operator_certificate_life_seconds', ANOTHER)]: `${3 * DAY}x80`,
      },
      atMinutes: 15,
    },
  },
];

/** For those who run the agent. */
export const AGENT_ALERTS: readonly Alert[] = [
  {
    name: 'AegisAgentDown',
    severity: 'info',
    expr: () => 'absent(up{job="aegis-agent"} == 1)',
    forSeconds: 5 * MINUTE,
    summary: 'No operations agent answers',
    description: 'Clusters go on as before; nobody explains incidents or proposes anything.',
    runbook: 'docs/one-machine.md',
    trigger: { kind: 'stop', what: 'agent' },
    fires: {
      series: { [agent('up')]: '1x3 0x40' },
      atMinutes: 8,
      labels: {},
    },
    silent: { series: { [agent('up')]: '0x10 1x40' }, atMinutes: 8 },
  },
  {
    name: 'AegisAgentBlind',
    severity: 'warning',
    expr: (over) =>
      `sum by (instance) (rate(aegis_agent_scrapes_total{result="missing"}${over(10 * MINUTE)})) / ` +
      `sum by (instance) (rate(aegis_agent_scrapes_total${over(10 * MINUTE)})) > 0.5`,
    forSeconds: 5 * MINUTE,
    summary: 'Agent {{ $labels.instance }} cannot read most replicas',
    description:
      'More than half of the pages that it asks for do not come: they are down, or a network policy is between.',
    runbook: 'agent/runbooks/network-policy-cuts-peers.md',
    trigger: { kind: 'stop', what: 'most-replicas' },
    fires: {
      series: {
        [agent('aegis_agent_scrapes_total', { result: 'missing' })]: '0+9x80',
        [agent('aegis_agent_scrapes_total', { result: 'answered' })]: '0+6x80',
      },
      atMinutes: 18,
      labels: { instance: 'a' },
    },
    silent: {
      series: {
        [agent('aegis_agent_scrapes_total', { result: 'missing' })]: '0+3x80',
        [agent('aegis_agent_scrapes_total', { result: 'answered' })]: '0+12x80',
      },
      atMinutes: 18,
    },
  },
  {
    name: 'AegisAgentFails',
    severity: 'warning',
    expr: (over) =>
      `sum by (instance, duty) (increase(aegis_agent_duty_failures_total${over(30 * MINUTE)})) > 5`,
    forSeconds: 0,
    summary: 'Agent {{ $labels.instance }} fails at {{ $labels.duty }}',
    description:
      'It tries again and again: the forge or the supervisor refuses, or does not answer. Its log says why.',
    runbook: 'docs/forge.md',
    // It tries again later and later, in the end once a minute.
    shortenedMax: 5,
    trigger: { kind: 'stop', what: 'supervisor-socket' },
    fires: {
      series: { [agent('aegis_agent_duty_failures_total', { duty: 'working' })]: '0+1x120' },
      atMinutes: 30,
      labels: { instance: 'a', duty: 'working' },
    },
    silent: {
      series: {
        [agent('aegis_agent_duty_failures_total', { duty: 'working' })]: '0x40 3x80',
      },
      atMinutes: 30,
    },
  },
  {
    name: 'AegisIncidentOpen',
    severity: 'info',
    expr: () => 'max by (instance, class) (aegis_agent_incident_open) == 1',
    forSeconds: 0,
    summary: 'An incident is open: {{ $labels.class }}',
    description:
      'The agent sees the signals of this class. `aegis incidents` shows what it thinks is at fault.',
    runbook: 'docs/one-machine.md',
    trigger: { kind: 'trace', name: 'full-disk-on-the-leader' },
    fires: {
      series: { [agent('aegis_agent_incident_open', { class: 'DiskStall' })]: '0x3 1x10' },
      atMinutes: 2,
      labels: { instance: 'a', class: 'DiskStall' },
    },
    silent: {
      series: { [agent('aegis_agent_incident_open', { class: 'DiskStall' })]: '0x10' },
      atMinutes: 2,
    },
  },
];
