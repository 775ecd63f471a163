import type { Member, MembershipResponse } from '@aegis/proto/v1/cluster';
import { Option, type Command } from 'commander';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from '../cluster/cluster.js';
import { LearnerBehindError } from '../errors/index.js';
import { table } from '../status/render.js';
import { withProgress } from '../terminal/progress.js';
import { globalFlags, withClient, type GlobalFlags } from './context.js';
import { UsageError } from './exit.js';
import { nobodyAnswers } from './next-step.js';
import { parseDuration, parseWhole } from './parse.js';
import { print } from './print.js';

interface AddFlags {
  readonly nonce?: string;
  readonly name?: string;
  readonly peer?: string;
  readonly client?: string;
  readonly metrics: string;
}

interface PromoteFlags {
  readonly replacing?: string;
  readonly wait?: string;
}

const POLL_MS = 300;

export function addMembers(program: Command): void {
  const members = program.command('members').description('show who belongs to the cluster, and change it');
  members
    .command('list', { isDefault: true })
    .description('the members as the leader sees them')
    .action(async (_options: unknown, command: Command) => list(globalFlags(command)));
  members
    .command('add')
    .description('add a replica that waits to join; it gets the data, and has no vote before it is promoted')
    .requiredOption('--name <name>', 'what it is called')
    .requiredOption('--peer <host:port>', 'where the other members reach it')
    .requiredOption('--client <host:port>', 'where clients reach it')
    .requiredOption('--metrics <host:port>', 'where it serves metrics')
    .addOption(
      new Option('--nonce <hex>', 'of its empty folder (default: asked of the replica that waits there)'),
    )
    .action(async (options: AddFlags, command: Command) => add(globalFlags(command), options));
  members
    .command('promote')
    .argument('<id>', 'a learner that is caught up')
    .option('--replacing <id>', 'a voter that is removed in the same step')
    .option('--wait <duration>', 'how long it may take to catch up (default: not at all)')
    .description('make a learner a voter')
    .action(async (id: string, options: PromoteFlags, command: Command) =>
      promote(globalFlags(command), id, options),
    );
  members
    .command('remove')
    .argument('<id>', 'the member that goes; its id is never given again')
    .description('remove a member for ever')
    .action(async (id: string, _options: unknown, command: Command) => {
      const flags = globalFlags(command);
      const memberId = parseId('ID', id);
      await change(flags, (cluster) => cluster.remove(memberId), `member ${memberId} is removed`);
    });
}

async function list(flags: GlobalFlags): Promise<void> {
  await withClient(flags, async ({ cluster }) => {
    const asked = await cluster.statuses();
    const answers = asked.flatMap((each) => ('status' in each ? [each.status] : []));
    const best =
      answers.find(({ role }) => role === 'leader') ?? answers.toSorted((a, b) => b.term - a.term)[0];
    if (best === undefined) throw nobodyAnswers(asked);
    print(flags, best.members.map(shown), render(best.members));
  });
}

async function add(flags: GlobalFlags, options: AddFlags): Promise<void> {
  const { name = '', peer: peerAddress = '', client: clientAddress = '', metrics: metricsAddress } = options;
  const nonce = options.nonce ?? (await nonceAt(metricsAddress));
  const member = { nonce, name, peerAddress, clientAddress, metricsAddress };
  await change(flags, (cluster) => cluster.addLearner(member), `${name} is added as a learner`);
}

/** What the replica that waits there says of its folder. */
async function nonceAt(metricsAddress: string): Promise<string> {
  const found = await fetch(`http://${metricsAddress}/member`, { signal: AbortSignal.timeout(3_000) })
    .then((response) => response.json() as Promise<{ state?: string; nonce?: string; memberId?: number }>)
    .catch((error: unknown) => {
      const why = error instanceof Error ? error.message : String(error);
      throw new UsageError(
        `--metrics ${metricsAddress}: no replica answers there (${why}). Start it first, or say its --nonce`,
      );
    });
  if (typeof found.nonce !== 'string')
    throw new UsageError(`--metrics ${metricsAddress}: that is no replica`);
  return found.nonce;
}

async function promote(flags: GlobalFlags, id: string, options: PromoteFlags): Promise<void> {
  const memberId = parseId('ID', id);
  const replaced = options.replacing === undefined ? 0 : parseId('--replacing', options.replacing);
  const waitMs = options.wait === undefined ? 0 : parseDuration('--wait', options.wait);
  const endMs = performance.now() + waitMs;
  const attempt = async (cluster: Cluster): Promise<MembershipResponse> => {
    for (;;) {
      try {
        return await cluster.promote(memberId, replaced);
      } catch (error) {
        if (!(error instanceof LearnerBehindError) || performance.now() >= endMs) throw error;
        await sleep(POLL_MS);
      }
    }
  };
  const instead = replaced === 0 ? '' : ` in the place of ${replaced}`;
  await change(
    flags,
    (cluster) => withProgress(`waiting for member ${memberId} to catch up`, () => attempt(cluster)),
    `member ${memberId} is a voter${instead}`,
  );
}

async function change(
  flags: GlobalFlags,
  make: (cluster: Cluster) => Promise<MembershipResponse>,
  said: string,
): Promise<void> {
  await withClient(
    flags,
    async ({ cluster }) => {
      const { memberId, members } = await make(cluster);
      print(flags, { memberId, members: members.map(shown) }, `${said}\n${render(members)}`);
    },
    'admin',
  );
}

/** As scripts read it: what only the leader knows is left out where it is not known. */
function shown({ id, name, state, peerAddress, clientAddress, metricsAddress, ...seen }: Member): object {
  const { matchIndex: match, recentlyActive: live } = seen;
  return { id, name, state, client: clientAddress, peer: peerAddress, metrics: metricsAddress, match, live };
}

function render(members: readonly Member[]): string {
  const rows = members.map((member) => [
    member.id,
    member.name,
    member.state,
    member.recentlyActive ? 'yes' : 'NO',
    member.matchIndex,
    member.clientAddress,
    member.peerAddress,
    member.metricsAddress,
  ]);
  return table(['ID', 'NAME', 'STATE', 'LIVE', 'MATCH', 'CLIENT', 'PEER', 'METRICS'], rows);
}

function parseId(name: string, text: string): number {
  return parseWhole(name, text, 1, Number.MAX_SAFE_INTEGER);
}
