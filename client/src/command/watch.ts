import type { Command } from 'commander';
import type { WatchBatch, WatchEvent } from '../kv/watch-options.js';
import { globalFlags, withClient } from './context.js';
import {
  bytesText,
  encodingOf,
  keyText,
  keyValueJson,
  prevJson,
  withEncoding,
  type Encoding,
  type EncodingFlags,
} from './kv-print.js';
import { selectionOf, withSelection, type SelectionFlags } from './kv-selection.js';
import { parseWhole } from './parse.js';
import { print } from './print.js';

interface WatchFlags extends EncodingFlags, SelectionFlags {
  readonly rev?: string;
  readonly prevKv?: boolean;
  readonly progress?: boolean;
  readonly limit?: string;
}

export function addWatch(program: Command): void {
  withEncoding(withSelection(program.command('watch')))
    .description('print every change of keys, until interrupted; it goes on after reconnects without a gap')
    .option('--rev <revision>', 'from this revision on; from now on unless given')
    .option('--prev-kv', 'print the key as it was, too')
    .option('--progress', 'now and then, print how far the watch has come')
    .option('--limit <n>', 'end after so many revisions')
    .action(async (key: string, end: string | undefined, options: WatchFlags, command: Command) => {
      const flags = globalFlags(command);
      const encoding = encodingOf(options);
      const { rev } = options;
      const settings = {
        ...selectionOf(key, end, options),
        prevKv: options.prevKv === true,
        progress: options.progress === true,
        ...(rev === undefined ? {} : { fromRevision: parseWhole('--rev', rev, 1, Number.MAX_SAFE_INTEGER) }),
      };
      const limit =
        options.limit === undefined
          ? Infinity
          : parseWhole('--limit', options.limit, 1, Number.MAX_SAFE_INTEGER);
      await withClient(flags, async (client) => {
        let told = 0;
        for await (const batch of client.kv.watch(settings)) {
          print(flags, batchJson(batch, encoding), batchText(batch, encoding));
          if (batch.events.length > 0 && ++told >= limit) return;
        }
      });
    });
}

function batchJson({ revision, events }: WatchBatch, encoding: Encoding): unknown {
  const shown = events.map(({ type, kv, prevKv }) =>
    Object.assign({ type }, keyValueJson(kv, encoding), prevJson(prevKv, encoding)),
  );
  return { revision, events: shown };
}

function batchText({ revision, events }: WatchBatch, encoding: Encoding): string {
  if (events.length === 0) return `${revision}: nothing more so far`;
  return events.map((event) => `${revision}: ${eventText(event, encoding)}`).join('\n');
}

function eventText({ type, kv, prevKv }: WatchEvent, encoding: Encoding): string {
  const key = keyText(kv.key, encoding);
  const now = type === 'put' ? `put ${key} = ${bytesText(kv.value, encoding)}` : `delete ${key}`;
  return prevKv === undefined ? now : `${now} (was ${bytesText(prevKv.value, encoding)})`;
}
