import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { RecordingError, windowOf } from '@aegis/agent/telemetry';
import { FileError } from '../labels/index.js';
import { earliest, loudest, ours, search, threeSigma } from '../methods/index.js';
import { render } from './render.js';
import { reportOf } from './report.js';
import { CHOSEN, DEVELOPMENT, developmentLabels, readChosen, setsOf } from './sets.js';

const USAGE = `usage: node bench/dist/consensusops/src/report/main.js [--set name,…] [--json] [--search]
  --set     sets of bench/consensusops/sets, or folders; several are pooled. Default: ${DEVELOPMENT}
  --json    the whole report as JSON
  --search  choose the numbers of all methods anew, on the development set, and write them to chosen.json`;

/** Exit codes: 0 done, 2 wrong usage or a file that is missing or damaged. */
function main(args: readonly string[]): number {
  let given;
  try {
    given = parseArgs({
      args: [...args],
      options: { set: { type: 'string' }, json: { type: 'boolean' }, search: { type: 'boolean' } },
    }).values;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${USAGE}\n`);
    return 2;
  }
  try {
    if (given.search) return searchAll();
    const names = (given.set ?? DEVELOPMENT).split(',').filter((name) => name !== '');
    const sets = setsOf(names);
    const shown = developmentLabels() ?? sets.flatMap(({ labels }) => labels.cases);
    const report = reportOf(sets, shown, readChosen());
    process.stdout.write(given.json ? `${JSON.stringify(report)}\n` : render(report));
    return 0;
  } catch (error) {
    if (!(error instanceof FileError || error instanceof RecordingError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return 2;
  }
}

function searchAll(): number {
  const shown = setsOf([DEVELOPMENT]).flatMap(({ cases }) =>
    cases.map(({ label, recording }) => ({ label, window: windowOf(recording) })),
  );
  const methods = [threeSigma, loudest, earliest, ours];
  const chosen = Object.fromEntries(methods.map((method) => [method.name, search(method, shown)]));
  writeFileSync(CHOSEN, `${JSON.stringify(chosen, null, 2)}\n`);
  process.stdout.write(`${CHOSEN}\n`);
  return 0;
}

process.exitCode = main(process.argv.slice(2));
