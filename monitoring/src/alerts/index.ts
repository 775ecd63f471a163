import type { AlertGroup } from './alert.js';
import { AGENT_ALERTS, OPERATOR_ALERTS } from './ops-plane.js';
import { QUORUM_ALERTS } from './quorum.js';
import { SERVICE_ALERTS } from './service.js';
import { STORAGE_ALERTS } from './storage.js';

/** Kept apart, because an alert on what is absent must not be installed where it never was. */
export const ALERT_GROUPS: readonly AlertGroup[] = [
  { name: 'aegis-cluster', alerts: [...QUORUM_ALERTS, ...STORAGE_ALERTS, ...SERVICE_ALERTS] },
  { name: 'aegis-operator', alerts: OPERATOR_ALERTS },
  { name: 'aegis-agent', alerts: AGENT_ALERTS },
];
