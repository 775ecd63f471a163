import { evidenceCommand, EVIDENCE_USAGE, EXIT } from './evidence/command.js';

const RUN_USAGE = 'usage: aegis-agent run --config FILE';

const [command, ...rest] = process.argv.slice(2);
switch (command) {
  case 'evidence': {
    const { status, out, err } = evidenceCommand(rest);
    for (const line of out) console.log(line);
    for (const line of err) console.error(line);
    process.exitCode = status;
    break;
  }
  case 'run': {
    // Read only by who runs it: the evidence is looked at without forges and models.
    const { runCommand } = await import('./run/command.js');
    process.exitCode = await runCommand(rest);
    break;
  }
  default:
    console.error(`${RUN_USAGE}\n${EVIDENCE_USAGE}`);
    process.exitCode = EXIT.usage;
}
