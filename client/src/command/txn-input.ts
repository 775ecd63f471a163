import { parseArgs, type ParseArgsConfig } from 'node:util';
import type { KvCompare, KvOperation } from '@aegis/proto/v1/kv';
import { compare, type Relation } from '../kv/compare.js';
import { op } from '../kv/txn.js';
import { UsageError } from './exit.js';
import { pageOptions, type GetFlags } from './kv-get.js';
import { selectionOf } from './kv-selection.js';
import { parseLease, parseWhole } from './parse.js';
import { splitWords, wordBytes } from './words.js';

export interface TxnInput {
  readonly compares: readonly KvCompare[];
  readonly success: readonly KvOperation[];
  readonly failure: readonly KvOperation[];
}

const COMPARE = /^(\w+)\((.+)\)\s*(=|!=|<|>)\s*(\S.*)$/;
const FLAG = { type: 'boolean' } as const;
const TEXT = { type: 'string' } as const;
const OPTIONS = {
  get: {
    prefix: FLAG,
    'from-key': FLAG,
    rev: TEXT,
    limit: TEXT,
    'keys-only': FLAG,
    'count-only': FLAG,
  },
  put: { lease: TEXT, 'prev-kv': FLAG, 'ignore-value': FLAG, 'ignore-lease': FLAG },
  del: { prefix: FLAG, 'from-key': FLAG, 'prev-kv': FLAG },
} as const satisfies Record<string, ParseArgsConfig['options']>;

/** Comparisons, requests if they hold, requests if not: three parts with an empty line between them. */
export function parseTxn(text: string): TxnInput {
  const compares: KvCompare[] = [];
  const success: KvOperation[] = [];
  const failure: KvOperation[] = [];
  let part = 0;
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.trim();
    if (line === '') part++;
    if (line === '' || line.startsWith('#')) continue;
    try {
      if (part === 0) compares.push(parseCompare(line));
      else if (part === 1) success.push(parseOperation(line));
      else if (part === 2) failure.push(parseOperation(line));
      else
        throw new UsageError(
          'after the third part; a transaction has three, with one empty line between them',
        );
    } catch (error) {
      throw new UsageError(`line ${index + 1}: ${(error as Error).message}`);
    }
  }
  if (success.length + failure.length > 0 || compares.length > 0) return { compares, success, failure };
  throw new UsageError('TRANSACTION: it is empty; see aegis kv txn --help');
}

function parseCompare(line: string): KvCompare {
  const [, target, what, sign, value] = COMPARE.exec(line) ?? [];
  const [key, ...moreKeys] = splitWords(what ?? '');
  const [wanted, ...moreValues] = splitWords(value ?? '');
  if (key === undefined || wanted === undefined || moreKeys.length + moreValues.length > 0) {
    throw new UsageError(`${JSON.stringify(line)} is no comparison; write for example mod("key") = "7"`);
  }
  const relation = sign as Relation;
  const number = (): number => parseWhole(target!, wanted, 0, Number.MAX_SAFE_INTEGER);
  switch (target) {
    case 'c':
    case 'create':
      return compare.createRevision(wordBytes(key), relation, number());
    case 'm':
    case 'mod':
      return compare.modRevision(wordBytes(key), relation, number());
    case 'ver':
    case 'version':
      return compare.version(wordBytes(key), relation, number());
    case 'val':
    case 'value':
      return compare.value(wordBytes(key), relation, wordBytes(wanted));
    case 'lease':
      return compare.lease(wordBytes(key), relation, wanted === '0' ? '0' : parseLease(wanted));
    default:
      throw new UsageError(`${target}: compare create, mod, version, value or lease`);
  }
}

function parseOperation(line: string): KvOperation {
  const [name, ...args] = splitWords(line);
  if (name !== 'get' && name !== 'put' && name !== 'del') {
    throw new UsageError(`${JSON.stringify(name)} is no request; write get, put or del`);
  }
  const { values, positionals } = parseArgs({
    args,
    options: OPTIONS[name],
    allowPositionals: true,
    strict: true,
  });
  const flags = values as Record<string, string | boolean | undefined>;
  const [key, second, ...more] = positionals.map(wordBytes);
  if (key === undefined || more.length > 0) throw new UsageError(`${name}: wrong number of words`);
  if (name === 'put') return parsePut(key, second, flags);
  const chosen = { prefix: flags['prefix'] === true, fromKey: flags['from-key'] === true };
  const selection = selectionOf(key, second, chosen);
  if (name === 'del') return op.delete(selection, { prevKv: flags['prev-kv'] === true });
  const { rev, limit } = flags;
  const read: GetFlags = {
    keysOnly: flags['keys-only'] === true,
    countOnly: flags['count-only'] === true,
    ...(typeof rev === 'string' ? { rev } : {}),
    ...(typeof limit === 'string' ? { limit } : {}),
  };
  return op.get(selection, pageOptions(read));
}

function parsePut(
  key: Buffer,
  value: Buffer | undefined,
  flags: Record<string, string | boolean | undefined>,
): KvOperation {
  const ignoreValue = flags['ignore-value'] === true;
  if (value === undefined && !ignoreValue) throw new UsageError('put: a value is missing');
  const { lease } = flags;
  return op.put(key, value ?? '', {
    ignoreValue,
    ignoreLease: flags['ignore-lease'] === true,
    prevKv: flags['prev-kv'] === true,
    ...(typeof lease === 'string' ? { lease: parseLease(lease) } : {}),
  });
}
