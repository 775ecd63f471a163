import { evidenceCommand, EVIDENCE_USAGE, EXIT } from './evidence/command.js';

const [command, ...rest] = process.argv.slice(2);
if (command === 'evidence') {
  const { status, out, err } = evidenceCommand(rest);
  for (const line of out) console.log(line);
  for (const line of err) console.error(line);
  process.exitCode = status;
} else {
  console.error(EVIDENCE_USAGE);
  process.exitCode = EXIT.usage;
}
