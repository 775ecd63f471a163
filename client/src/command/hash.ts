import type { HashResponse, Member } from '@aegis/proto/v1/cluster';
import type { Command } from 'commander';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from '../cluster/cluster.js';
import { AegisError } from '../errors/index.js';
import { table } from '../status/render.js';
import { withProgress } from '../terminal/progress.js';
import { globalFlags, withClient, type GlobalFlags } from './context.js';
import { EXIT } from './exit.js';
import { newestStatus } from './newest-status.js';
import { parseDuration } from './parse.js';
import { print } from './print.js';

/** What one member says of its state at the index of the scrub. */
interface MemberHash {
  readonly id: number;
  readonly name: string;
  readonly chained: string | null;
  readonly contents: string | null;
  /** Why there are no hashes. */
  readonly missing: string | null;
}

const POLL_MS = 200;
const ANSWER_MS = 2_000;
const SHOWN_DIGITS = 16;

export function addHash(program: Command): void {
  program
    .command('hash')
    .description('compare the states of all members at one log index; exit status 1 if they differ')
    .option('--wait <duration>', 'how long the hashing of all rows may take', '5m')
    .action(async (options: { readonly wait: string }, command: Command) =>
      hash(globalFlags(command), parseDuration('--wait', options.wait)),
    );
}

async function hash(flags: GlobalFlags, waitMs: number): Promise<void> {
  await withClient(
    flags,
    async ({ cluster }) => {
      const index = await cluster.scrub();
      const { members } = await newestStatus(cluster);
      const endMs = performance.now() + waitMs;
      let told = 0;
      const hashes = await withProgress('hashing all rows', (progress) =>
        Promise.all(
          members.map(async (member) => {
            const own = await hashOf(cluster, member, index, endMs);
            progress.update({ share: ++told / members.length, detail: `${member.name} is done` });
            return own;
          }),
        ),
      );
      const distinct = new Set(
        hashes.filter(answered).map(({ chained, contents }) => `${chained} ${contents}`),
      );
      const agree = distinct.size < 2 && !hashes.some(({ contents }) => contents === 'unreadable');
      print(flags, { index, agree, members: hashes }, render(index, agree, hashes));
      if (!agree) process.exitCode = EXIT.failed;
    },
    'admin',
  );
}

async function hashOf(cluster: Cluster, member: Member, index: number, endMs: number): Promise<MemberHash> {
  const { id, name, clientAddress } = member;
  const missing = (why: string): MemberHash => ({ id, name, chained: null, contents: null, missing: why });
  for (;;) {
    let answer: HashResponse;
    try {
      answer = await cluster.hash(clientAddress, { contents: true, scrubIndex: index }, ANSWER_MS);
    } catch (error) {
      if (!(error instanceof AegisError)) throw error;
      return missing(`it does not answer: ${error.code}`);
    }
    const { standing, chainedHash: chained, contentHash: contents } = answer;
    if (standing === 'done') return { id, name, chained, contents, missing: null };
    if (performance.now() >= endMs)
      return missing(standing === 'running' ? 'it is still hashing' : 'it has not come to that index');
    await sleep(POLL_MS);
  }
}

function answered({ missing }: MemberHash): boolean {
  return missing === null;
}

function render(index: number, agree: boolean, hashes: readonly MemberHash[]): string {
  const count = hashes.filter(answered).length;
  const who = count === hashes.length ? `all ${count} members` : `${count} of ${hashes.length} members`;
  const head = `${who} at log index ${index}: ${agree ? 'the same state' : 'DIFFERENT STATES'}`;
  const rows = hashes.map(({ id, name, chained, contents, missing }) => [
    id,
    name,
    chained?.slice(0, SHOWN_DIGITS) ?? '-',
    contents?.slice(0, SHOWN_DIGITS) ?? `- (${missing})`,
  ]);
  return `${head}\n${table(['ID', 'NAME', 'CHAINED', 'CONTENTS'], rows)}`;
}
