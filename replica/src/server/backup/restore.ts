import { writeFileSync } from 'node:fs';

import { readBootstrapRecord } from '../folder/bootstrap-record.js';
import type { RestoreOptions } from '../options.js';
import { realWorld } from '../world.js';
import { restoreFirstMember } from './restore-first-member.js';
import { restoreFolder } from './restore-folder.js';

/** Fills a folder from a backup. @returns what it holds then, as JSON; it is written to the report, too */
export async function restore({
  data,
  backup,
  bootstrap,
  firstMember,
  report,
}: RestoreOptions): Promise<string> {
  const record = readBootstrapRecord(bootstrap);
  const fill = firstMember ? restoreFirstMember : restoreFolder;
  const answer = JSON.stringify(await fill(data, backup, record, realWorld));
  if (report !== undefined) writeFileSync(report, answer);
  return answer;
}
