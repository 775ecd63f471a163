import { parentPort, workerData } from 'node:worker_threads';

import { runInputs, seedsOf } from './campaign.js';
import type { Counts } from './attempt.js';
import { minimise } from './minimise.js';
import { TARGETS } from './targets/index.js';

/** Inputs of one target, one after the other. */
export interface Order {
  readonly target: string;
  readonly seed: number;
  readonly first: number;
  readonly inputs: number;
  /** Two numbers that the parent watches: the input that runs now, and whether it is being minimised. */
  readonly watched: SharedArrayBuffer;
}

export interface Ended {
  readonly counts: Counts;
  readonly failure?: { readonly number: number; readonly wrong: string; readonly smallest: Uint8Array };
}

if (parentPort !== null) {
  const { target: name, watched, ...inputs } = workerData as Order;
  const target = TARGETS.find((each) => each.name === name)!;
  const seeds = await seedsOf(target);
  const counts: Counts = { accepted: 0, msMax: 0, bytesMax: 0 };
  const now = new Int32Array(watched);
  const found = await runInputs(target, seeds, inputs, counts, (number) => {
    now[0] = number;
  });
  now[1] = 1;
  const ended: Ended =
    found === undefined
      ? { counts }
      : {
          counts,
          failure: {
            number: found.number,
            wrong: found.wrong,
            smallest: await minimise(target, found.input, found.wrong),
          },
        };
  parentPort.postMessage(ended);
}
