import { type Dashboard, lines, number } from './panel.js';

const AGENT = 'job="aegis-agent"';

export const agent: Dashboard = {
  uid: 'aegis-agent',
  title: 'AEGIS / Agent',
  about: 'What the operations agent sees, and whether it can still look, work and follow.',
  chosenBy: undefined,
  panels: [
    number('Agents that answer', 'none', 'One watches a cluster.', `sum(up{${AGENT}})`),
    number(
      'Incident open',
      'bool_yes_no',
      'Whether a class of incident stands.',
      'max(aegis_agent_incident_open)',
    ),
    number(
      'Last look',
      's',
      'Since the agent asked all replicas.',
      'time() - min(aegis_agent_last_round_timestamp_seconds)',
    ),
    number(
      'Waiting for a person',
      'none',
      'Proposals whose branch or pull request is open.',
      'sum(aegis_agent_recommendations{phase="PullRequestOpen"})',
    ),
    lines(
      'Open incident, by class',
      'bool_yes_no',
      'An incident takes on every class that stands while it lasts.',
      [{ expr: 'max by (class) (aegis_agent_incident_open)', legend: '{{class}}' }],
    ),
    lines('Incidents', 'short', 'Opened within the last hour.', [
      { expr: 'increase(aegis_agent_incidents_total[1h])', legend: '{{instance}}' },
    ]),
    lines('Pages asked for', 'ops', 'Pages of replicas that came, and that did not.', [
      { expr: 'sum by (result) (rate(aegis_agent_scrapes_total[$__rate_interval]))', legend: '{{result}}' },
    ]),
    lines('Recommendations', 'short', 'Those that are kept, by phase.', [
      { expr: 'sum by (phase) (aegis_agent_recommendations)', legend: '{{phase}}' },
    ]),
    lines(
      'What fails',
      'ops',
      'Duties that are repeated, and questions that the supervisor did not answer.',
      [
        {
          expr: 'sum by (duty) (rate(aegis_agent_duty_failures_total[$__rate_interval]))',
          legend: '{{duty}}',
        },
        { expr: 'sum(rate(aegis_agent_supervisor_failures_total[$__rate_interval]))', legend: 'supervisor' },
      ],
    ),
    lines(
      'Processors and event loop',
      's',
      'Processor time a second, and the longest stop of the event loop since the last scrape.',
      [
        {
          expr: `rate(process_cpu_seconds_total{${AGENT}}[$__rate_interval])`,
          legend: '{{instance}} processor',
        },
        { expr: `nodejs_eventloop_lag_max_seconds{${AGENT}}`, legend: '{{instance}} stop' },
      ],
    ),
  ],
};
