import { agent } from './agent.js';
import { cluster } from './cluster.js';
import { holdings } from './holdings.js';
import { operator } from './operator.js';
import type { Dashboard } from './panel.js';
import { replica } from './replica.js';

export const DASHBOARDS: readonly Dashboard[] = [cluster, replica, holdings, operator, agent];
