import { type Dashboard, lines, number } from './panel.js';

const OPERATOR = 'job="aegis-operator"';

export const operator: Dashboard = {
  uid: 'aegis-operator',
  title: 'AEGIS / Operator',
  about: 'Whether the operator keeps clusters as they are declared, and what it waits for.',
  chosenBy: undefined,
  panels: [
    number('Operators that answer', 'none', 'One works, the others wait.', `sum(up{${OPERATOR}})`),
    number(
      'Operators that work',
      'none',
      'One; none for a moment when the lease changes hands.',
      'sum(aegis_operator_leading)',
    ),
    number(
      'Clusters in the queue',
      'none',
      'Waiting to be looked at, or being looked at.',
      'sum(aegis_operator_queue_depth)',
    ),
    number(
      'First certificate ends',
      'dateTimeFromNow',
      'Of all clusters.',
      'min(aegis_operator_certificate_end_seconds) * 1000',
    ),
    lines('Looks at clusters', 'ops', 'Reconciliations, and those that failed and are repeated.', [
      {
        expr: 'sum by (instance) (rate(aegis_operator_reconcile_duration_seconds_count[$__rate_interval]))',
        legend: '{{instance}}',
      },
      {
        expr: 'sum by (instance) (rate(aegis_operator_reconcile_errors_total[$__rate_interval]))',
        legend: '{{instance}} failed',
      },
    ]),
    lines(
      'Look at a cluster, 99th percentile',
      's',
      'A look asks all members; one that does not answer makes it long.',
      [
        {
          expr: 'histogram_quantile(0.99, sum by (instance, le) (rate(aegis_operator_reconcile_duration_seconds_bucket[$__rate_interval])))',
          legend: '{{instance}}',
        },
      ],
    ),
    lines('Steps', 'ops', 'What changed something, by kind.', [
      { expr: 'sum by (kind) (rate(aegis_operator_steps_total[$__rate_interval]))', legend: '{{kind}}' },
    ]),
    lines('Requests to the API server', 'ops', 'By verb and status; 0: no answer.', [
      {
        expr: 'sum by (verb, code) (rate(aegis_operator_api_requests_total[$__rate_interval]))',
        legend: '{{verb}} {{code}}',
      },
    ]),
    lines(
      'Certificates end',
      's',
      'Time until the first certificate of each cluster ends. They are renewed long before.',
      [{ expr: 'aegis_operator_certificate_end_seconds - time()', legend: '{{namespace}}/{{cluster}}' }],
    ),
    lines(
      'Processors and event loop',
      's',
      'Processor time a second, and the longest stop of the event loop since the last scrape.',
      [
        {
          expr: `rate(process_cpu_seconds_total{${OPERATOR}}[$__rate_interval])`,
          legend: '{{instance}} processor',
        },
        { expr: `nodejs_eventloop_lag_max_seconds{${OPERATOR}}`, legend: '{{instance}} stop' },
      ],
    ),
    lines('Resident memory', 'bytes', 'It caches what it looks after.', [
      { expr: `process_resident_memory_bytes{${OPERATOR}}`, legend: '{{instance}}' },
    ]),
  ],
};
