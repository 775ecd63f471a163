import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { RecordingError, windowOf } from '@aegis/agent/telemetry';
import { FileError } from '../labels/index.js';
import { modelOf, ModelError, readModelSettings, recording, type ModelParts } from '@aegis/agent/model';
import {
  askModel,
  earliest,
  loudest,
  ours,
  retrieval,
  search,
  threeSigma,
  withModel,
} from '../methods/index.js';
import { resampled } from '../score/resample.js';
import { render } from './render.js';
import { reportOf, SCRAPES_MS } from './report.js';
import { CHOSEN, DEVELOPMENT, developmentLabels, EXCHANGES, readChosen, setsOf } from './sets.js';
import type { CaseSet } from '../labels/index.js';

const USAGE = `usage: node bench/dist/consensusops/src/report/main.js [--set name,…] [--json] [--search] [--model FILE] [--exchanges FOLDER]
  --set     sets of bench/consensusops/sets, or folders; several are pooled. Default: ${DEVELOPMENT}
  --json    the whole report as JSON
  --search  choose the numbers of all methods anew, on the development set, and write them to chosen.json
  --model   ask the model of these settings (docs/model.md) about every case, and record what it answers
  --exchanges  where answers of a model are recorded. Default: bench/consensusops/exchanges`;

/** Exit codes: 0 done, 2 wrong usage or a file that is missing or damaged. */
async function main(args: readonly string[]): Promise<number> {
  let given;
  try {
    given = parseArgs({
      args: [...args],
      options: {
        set: { type: 'string' },
        json: { type: 'boolean' },
        search: { type: 'boolean' },
        model: { type: 'string' },
        exchanges: { type: 'string', default: EXCHANGES },
      },
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
    if (given.model !== undefined) await askAbout(sets, given.model, given.exchanges);
    const report = reportOf(sets, shown, readChosen(), withModel(given.exchanges));
    process.stdout.write(given.json ? `${JSON.stringify(report)}\n` : render(report));
    return 0;
  } catch (error) {
    const known = [FileError, RecordingError, ModelError].some((each) => error instanceof each);
    if (!known) throw error;
    process.stderr.write(`${(error as Error).message}\n`);
    return 2;
  }
}

/** Costs money where the model does: no more than the budget of a day, in all. */
async function askAbout(sets: readonly CaseSet[], file: string, exchanges: string): Promise<void> {
  const model = modelOf(readModelSettings(file));
  const records: ModelParts['book']['records'][number][] = [];
  const append: ModelParts['book']['append'] = (at, incident, step, output) => {
    const record = { n: records.length + 1, prev: '', at, incident, step, output };
    records.push(record);
    return record;
  };
  const now = Date.now();
  const endpoint = recording(model.endpoint, exchanges);
  const windows = sets.flatMap(({ cases }) =>
    cases.flatMap((each) => SCRAPES_MS.map((everyMs) => windowOf(resampled(each.recording, everyMs)))),
  );
  const parts = { ...model, endpoint, book: { records, append }, now: () => now };
  for (const why of await askModel(exchanges, windows, parts)) process.stderr.write(`${why}\n`);
}

function searchAll(): number {
  const shown = setsOf([DEVELOPMENT]).flatMap(({ cases }) =>
    cases.map(({ label, recording }) => ({ label, window: windowOf(recording) })),
  );
  const methods = [threeSigma, loudest, earliest, retrieval, ours];
  const chosen = Object.fromEntries(methods.map((method) => [method.name, search(method, shown)]));
  writeFileSync(CHOSEN, `${JSON.stringify(chosen, null, 2)}\n`);
  process.stdout.write(`${CHOSEN}\n`);
  return 0;
}

process.exitCode = await main(process.argv.slice(2));
