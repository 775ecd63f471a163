// `make real-model`: a small language model on this machine answers about every incident of a set of ConsensusOps-Bench.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { stringify } from 'yaml';

import { realModel } from './programs.js';
import { serveModel } from './server.js';

const REPORT = join(import.meta.dirname, '../../../bench/dist/consensusops/src/report/main.js');
/** The model is slow here, and says little that is worth more. */
const SETTINGS = {
  timeoutMs: 300_000,
  maxOutputTokens: 400,
  answers: 'json_schema',
  prices: { input: 0, output: 0 },
  budget: { perIncident: 0, perDay: 0 },
};

const { values } = parseArgs({
  options: { set: { type: 'string' }, exchanges: { type: 'string' } },
});

async function main(): Promise<number> {
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  const model = realModel(say);
  const server = await serveModel(model);
  const folder = mkdtempSync(join(tmpdir(), 'aegis-real-model-'));
  try {
    const settings = join(folder, 'model.yaml');
    writeFileSync(settings, stringify({ endpoint: server.url, model: model.name, ...SETTINGS }));
    say(`${model.name} answers at ${server.url}`);
    const given = Object.entries(values).flatMap(([name, value]) => [`--${name}`, value]);
    return await report(['--model', settings, ...given]);
  } finally {
    server.close();
    rmSync(folder, { recursive: true });
  }
}

/** @returns its exit status */
async function report(argv: readonly string[]): Promise<number> {
  const child = spawn(process.execPath, [REPORT, ...argv], { stdio: ['ignore', 'inherit', 'inherit'] });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => child.kill(signal));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
// The model may still be at an answer that nobody waits for.
process.exit();
