import type { Command } from 'commander';
import { globalFlags, withClient } from './context.js';
import { UsageError } from './exit.js';
import { addGet } from './kv-get.js';
import {
  answerText,
  encodingOf,
  keyValueJson,
  prevJson,
  withEncoding,
  type EncodingFlags,
} from './kv-print.js';
import { selectionOf, withSelection, type SelectionFlags } from './kv-selection.js';
import { addTxn } from './kv-txn.js';
import { parseLease, parseWhole } from './parse.js';
import { print } from './print.js';
import { standardInput } from './standard-input.js';

interface PutFlags extends EncodingFlags {
  readonly lease?: string;
  readonly prevKv?: boolean;
  readonly ignoreValue?: boolean;
  readonly ignoreLease?: boolean;
}

export function addKv(program: Command): void {
  const kv = program.command('kv').description('read and change versioned keys');
  addGet(kv);
  addPut(kv);
  addDelete(kv);
  addTxn(kv);
  kv.command('compact')
    .argument('<revision>')
    .description('give up the history before a revision')
    .action(async (text: string, _options: unknown, command: Command) => {
      const flags = globalFlags(command);
      const revision = parseWhole('REVISION', text, 1, Number.MAX_SAFE_INTEGER);
      await withClient(flags, async (client) => {
        await client.kv.compact(revision);
        print(flags, { compactedRevision: revision }, `compacted: history begins at revision ${revision}`);
      });
    });
}

function addPut(kv: Command): void {
  withEncoding(kv.command('put'))
    .argument('<key>')
    .argument('[value]', 'read from the standard input, as it is, unless given')
    .description('set a key; prints the revision of the change')
    .option('--lease <lease>', 'the key ends with this lease (see: aegis lease grant)')
    .option('--prev-kv', 'print the key as it was')
    .option('--ignore-value', 'keep the value that the key has; give none')
    .option('--ignore-lease', 'keep the lease that the key has')
    .action(async (key: string, given: string | undefined, options: PutFlags, command: Command) => {
      const flags = globalFlags(command);
      const encoding = encodingOf(options);
      const settings = {
        prevKv: options.prevKv === true,
        ignoreValue: options.ignoreValue === true,
        ignoreLease: options.ignoreLease === true,
        ...(options.lease === undefined ? {} : { lease: parseLease(options.lease) }),
      };
      if (settings.ignoreValue && given !== undefined)
        throw new UsageError('--ignore-value: the key keeps its value; give none');
      const value = settings.ignoreValue ? '' : (given ?? (await standardInput('VALUE')));
      await withClient(flags, async (client) => {
        const { revision, prevKv } = await client.kv.put(key, value, settings);
        const text = answerText({ $case: 'put', value: { revision, prevKv } }, { encoding });
        print(
          flags,
          { revision, ...prevJson(prevKv, encoding) },
          text.replace('OK', `OK, revision ${revision}`),
        );
      });
    });
}

interface DeleteFlags extends EncodingFlags, SelectionFlags {
  readonly prevKv?: boolean;
}

function addDelete(kv: Command): void {
  withEncoding(withSelection(kv.command('del')))
    .description('delete keys, all in one revision; prints how many there were')
    .option('--prev-kv', 'print the keys as they were')
    .action(async (key: string, end: string | undefined, options: DeleteFlags, command: Command) => {
      const flags = globalFlags(command);
      const encoding = encodingOf(options);
      const selection = selectionOf(key, end, options);
      await withClient(flags, async (client) => {
        const value = await client.kv.deleteRange(selection, { prevKv: options.prevKv === true });
        const { revision, deleted, prevKvs } = value;
        const json = { revision, deleted, prevKvs: prevKvs.map((kv) => keyValueJson(kv, encoding)) };
        print(flags, json, answerText({ $case: 'deleteRange', value }, { encoding }));
      });
    });
}
