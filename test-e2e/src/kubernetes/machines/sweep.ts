// Runs as a process of its own when whoever started the machines is gone: `node sweep.js GROUP FOLDER KEEPER…`. The machines end by
// themselves; what they leave is a control group and a folder.
import { existsSync, rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

import { removeGroup } from './cgroups.js';
import { disconnect } from './network.js';

/** Of each step; the guard gives all of them twenty seconds. */
const SWEEP_MS_MAX = 10_000;

const [group, folder, ...keepers] = process.argv.slice(2);
const endMs = Date.now() + SWEEP_MS_MAX;
while (keepers.some((pid) => existsSync(`/proc/${pid}`)) && Date.now() < endMs) await sleep(20);
await disconnect(SWEEP_MS_MAX);
await removeGroup(group!, SWEEP_MS_MAX);
// A copy that was under way may go on writing for a moment.
rmSync(folder!, { recursive: true, force: true, maxRetries: 15, retryDelay: 50 });
