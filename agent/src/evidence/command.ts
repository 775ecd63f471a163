import { parseArgs } from 'node:util';
import { EvidenceError, readEvidence, type EvidenceRecord } from './log.js';

export const EVIDENCE_USAGE = `usage: aegis-agent evidence FILE [--incident ID] [--step STEP] [--json]

Prints what the agent saw, thought and did, oldest first, and proves that no line was changed or taken out.
  --json  the records as they are, one a line`;

export const EXIT = { ok: 0, damaged: 65, usage: 64 } as const;

/** `aegis-agent evidence`: its exit status, and what it prints. */
export function evidenceCommand(argv: readonly string[]): { status: number; out: string[]; err: string[] } {
  let values: { incident?: string | undefined; step?: string | undefined; json?: boolean | undefined };
  let positionals: string[];
  try {
    ({ values, positionals } = parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: { incident: { type: 'string' }, step: { type: 'string' }, json: { type: 'boolean' } },
    }));
  } catch (error) {
    return { status: EXIT.usage, out: [], err: [(error as Error).message, EVIDENCE_USAGE] };
  }
  const [file, ...more] = positionals;
  if (file === undefined || more.length > 0) return { status: EXIT.usage, out: [], err: [EVIDENCE_USAGE] };
  let records: readonly EvidenceRecord[];
  try {
    records = readEvidence(file);
  } catch (error) {
    const status = error instanceof EvidenceError ? EXIT.damaged : EXIT.usage;
    return { status, out: [], err: [(error as Error).message] };
  }
  const shown = records.filter(({ incident, step }) => {
    return (values.incident ?? incident) === incident && (values.step ?? step) === step;
  });
  const lineOf = values.json === true ? (record: EvidenceRecord) => JSON.stringify(record) : summary;
  return { status: EXIT.ok, out: shown.map(lineOf), err: [] };
}

const SUMMARY_CHARACTERS_MAX = 160;

function summary({ at, incident, step, output }: EvidenceRecord): string {
  const text = JSON.stringify(output) ?? 'null';
  const cut = text.length > SUMMARY_CHARACTERS_MAX ? `${text.slice(0, SUMMARY_CHARACTERS_MAX)}…` : text;
  // Names in it come from elsewhere, and must not steer a terminal. JSON escapes what is below 0x20.
  const safe = `${incident}  ${step}`.replaceAll(/[^\x20-\x7e]/g, '?');
  return `${new Date(at).toISOString()}  ${safe}  ${cut.replaceAll(/[\x7f-\x9f]/g, '?')}`;
}
