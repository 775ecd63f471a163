/** Dashboards and alerts as data, and as the files that Grafana and Prometheus read. */
export type { Alert, AlertGroup, Stopped, Trigger } from './alerts/alert.js';
export { faultOf } from './alerts/fault.js';
export { ALERT_GROUPS } from './alerts/index.js';
export { forOf, renderRules, renderRuleTests } from './alerts/render.js';
export { DASHBOARDS } from './dashboards/index.js';
export type { Dashboard, Panel } from './dashboards/panel.js';
export { dashboardFiles, ruleFiles } from './write/outputs.js';
