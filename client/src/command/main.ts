import { run } from './program.js';

process.exitCode = await run(process.argv.slice(2));
// Whatever is still open (a socket that a dead replica never closes) must not keep the command from ending.
process.exit();
