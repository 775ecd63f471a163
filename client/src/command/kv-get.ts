import { Option, type Command } from 'commander';
import type { Client } from '../client.js';
import type { PageOptions } from '../kv/requests.js';
import type { Selection } from '../kv/selection.js';
import { globalFlags, withClient, type GlobalFlags } from './context.js';
import { EXIT, UsageError } from './exit.js';
import {
  encodingOf,
  keyValueText,
  rangeJson,
  withEncoding,
  type EncodingFlags,
  type Shown,
} from './kv-print.js';
import { selectionOf, single, withSelection, type SelectionFlags } from './kv-selection.js';
import { parseWhole } from './parse.js';
import { print } from './print.js';

export interface GetFlags extends EncodingFlags, SelectionFlags {
  readonly rev?: string;
  readonly limit?: string;
  readonly keysOnly?: boolean;
  readonly valueOnly?: boolean;
  readonly countOnly?: boolean;
  readonly stale?: boolean;
  readonly sortBy?: 'key' | 'version' | 'create' | 'mod' | 'value';
  readonly order?: 'ascend' | 'descend';
}

export function addGet(kv: Command): void {
  withEncoding(withSelection(kv.command('get')))
    .description('print keys and their values, a line each; exit status 1 if there is no such key')
    .option('--rev <revision>', 'as of this revision')
    .option('--limit <n>', 'at most so many keys')
    .option('--keys-only', 'print the keys')
    .option('--value-only', 'print the values')
    .option('--count-only', 'print how many keys there are')
    .option('--stale', 'ask one replica, without a quorum: it may lag behind')
    .addOption(
      new Option('--sort-by <what>', 'what of the keys their order goes by (default: key)').choices([
        'key',
        'version',
        'create',
        'mod',
        'value',
      ]),
    )
    .addOption(new Option('--order <order>', 'smallest or largest first').choices(['ascend', 'descend']))
    .action(async (key: string, end: string | undefined, options: GetFlags, command: Command) => {
      const flags = globalFlags(command);
      const selection = selectionOf(key, end, options);
      const read = pageOptions(options);
      const shown = { ...options, encoding: encodingOf(options) };
      if (options.keysOnly === true && options.valueOnly === true)
        throw new UsageError('--keys-only and --value-only: choose one');
      await withClient(flags, async (client) => {
        const found = await get(client, flags, selection, read, shown);
        if (found === 0 && single(selection)) process.exitCode = EXIT.failed;
      });
    });
}

/** What the flags of a read ask for. */
export function pageOptions(flags: GetFlags): PageOptions {
  const { rev, limit, sortBy, order } = flags;
  return {
    keysOnly: flags.keysOnly === true,
    countOnly: flags.countOnly === true,
    stale: flags.stale === true,
    ...(rev === undefined ? {} : { revision: parseWhole('--rev', rev, 1, Number.MAX_SAFE_INTEGER) }),
    ...(limit === undefined ? {} : { limit: parseWhole('--limit', limit, 1, Number.MAX_SAFE_INTEGER) }),
    ...(sortBy === undefined ? {} : { sortBy }),
    ...(order === undefined ? {} : { order }),
  };
}

/** Returns how many keys there were. */
async function get(
  { kv }: Client,
  flags: GlobalFlags,
  selection: Selection,
  read: PageOptions,
  shown: Shown,
): Promise<number> {
  const { countOnly, sortBy, order, ...range } = read;
  if (countOnly === true || sortBy !== undefined || order !== undefined) {
    const page = await kv.page(selection, read);
    const lines = page.kvs.map((each) => keyValueText(each, shown));
    const text = countOnly === true ? String(page.count) : lines.join('\n');
    if (flags.json === true || text !== '') print(flags, rangeJson(page, shown.encoding), text);
    return page.count;
  }
  let found = 0;
  if (flags.json !== true) {
    for await (const each of kv.range(selection, range)) {
      found++;
      print(flags, undefined, keyValueText(each, shown));
    }
    return found;
  }
  const { revision, count } = await kv.page(selection, { ...range, countOnly: true });
  const kvs = [];
  for await (const each of kv.range(selection, { ...range, revision: range.revision ?? revision }))
    kvs.push(each);
  print(flags, rangeJson({ revision, count, more: kvs.length < count, kvs }, shown.encoding), '');
  return kvs.length;
}
