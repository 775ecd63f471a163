import { parentPort, workerData } from 'node:worker_threads';

import type { SeedPlan } from '../run/run-seed.js';
import type { Outcome } from '../world/world.js';
import { MUTANTS } from './mutants.js';
import { plant } from './plant.js';

/** A thread that runs seeds on the replica with the bug of that name, or on the sound one. */
export interface WorkerData {
  readonly mutant: string | undefined;
  readonly plan: SeedPlan;
}

/** Of a world: the invariant that was broken, if one was. */
export interface Verdict {
  readonly invariant: string | undefined;
  readonly simulatedMs: number;
}

const { mutant, plan } = workerData as WorkerData;
if (mutant !== undefined) plant(MUTANTS.find(({ name }) => name === mutant)!);
// Only now: what is imported is what was planted.
const { runSeed } = await import('../run/run-seed.js');
const port = parentPort!;
port.on('message', (seed: number) => {
  void runSeed(seed, plan).then(({ violation, simulatedMs }: Outcome) =>
    port.postMessage({ invariant: violation?.invariant, simulatedMs } satisfies Verdict),
  );
});
