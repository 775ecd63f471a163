import { mutate } from './mutate.js';
import type { Job } from './runner.js';

// A process of its own for one pair of both sides: `node worker.js PROGRAM [MUTANT]`, told by messages what to run.

const [program, mutant = ''] = process.argv.slice(2);
if (mutant !== '') mutate(mutant);
// Only now, so that a mutant is loaded broken.
const { Runner } = await import('./runner.js');
const runner = new Runner(program!);

process.on('message', (job: Job) => {
  runner.run(job).then(
    (result) => process.send!(result),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});
process.on('disconnect', () => process.exit());
