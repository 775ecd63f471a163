import { parentPort, workerData } from 'node:worker_threads';

import { runSeed, type SeedPlan } from './run-seed.js';

/** A thread that runs one seed after the other, as they are handed to it. */
const port = parentPort!;
port.on('message', (seed: number) => {
  void runSeed(seed, workerData as SeedPlan).then((outcome) => port.postMessage(outcome));
});
