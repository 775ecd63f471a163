import { parentPort, workerData } from 'node:worker_threads';

import type { Question } from './question.js';
import { runJob } from './side.js';
import type { Job } from './simulated.js';

/** A thread that runs one world of a question after the other, as they are handed to it. */
const port = parentPort!;
port.on('message', (job: Job) => {
  void runJob(workerData as Question, job).then((run) => port.postMessage(run));
});
