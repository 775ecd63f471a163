import { isUtf8 } from 'node:buffer';
import type { Command } from 'commander';
import type { KeyValue, KvRangeResponse } from '@aegis/proto/v1/kv';
import type { TxnAnswer } from '../kv/txn.js';
import { plain } from '../terminal/plain.js';
import { UsageError } from './exit.js';

/** How keys and values are printed. `text`: as they are, base64 where they are no UTF-8. */
export type Encoding = 'text' | 'hex' | 'base64';

export interface EncodingFlags {
  readonly hex?: boolean;
  readonly base64?: boolean;
}

/** What of a key is printed. */
export interface Shown {
  readonly encoding: Encoding;
  readonly keysOnly?: boolean;
  readonly valueOnly?: boolean;
}

export function withEncoding(command: Command): Command {
  return command
    .option('--hex', 'print keys and values in hexadecimal')
    .option(
      '--base64',
      'print keys and values in base64 (without either: what is no text is marked base64:)',
    );
}

export function encodingOf({ hex, base64 }: EncodingFlags): Encoding {
  if (hex === true && base64 === true) throw new UsageError('--hex and --base64: choose one');
  if (hex === true) return 'hex';
  return base64 === true ? 'base64' : 'text';
}

export function bytesText(bytes: Buffer, encoding: Encoding): string {
  if (encoding !== 'text') return bytes.toString(encoding);
  return isUtf8(bytes) ? bytes.toString() : `base64:${bytes.toString('base64')}`;
}

/** A key is one line on a terminal, whatever is in it; elsewhere it is what it is. */
export function keyText(key: Buffer, encoding: Encoding): string {
  const text = bytesText(key, encoding);
  return process.stdout.isTTY ? plain(text) : text;
}

/** As lines: the key, then its value. */
export function keyValueText({ key, value }: KeyValue, shown: Shown): string {
  if (shown.keysOnly === true) return keyText(key, shown.encoding);
  if (shown.valueOnly === true) return bytesText(value, shown.encoding);
  return `${keyText(key, shown.encoding)}\n${bytesText(value, shown.encoding)}`;
}

/** What is no text is named `keyBase64` or `valueBase64`, unless an encoding was chosen. */
export function keyValueJson(kv: KeyValue, encoding: Encoding): Record<string, unknown> {
  const { createRevision, modRevision, version, lease } = kv;
  const bytes = { ...bytesJson('key', kv.key, encoding), ...bytesJson('value', kv.value, encoding) };
  return { ...bytes, createRevision, modRevision, version, lease };
}

export function rangeJson({ revision, count, more, kvs }: KvRangeResponse, encoding: Encoding): unknown {
  return { revision, count, more, kvs: kvs.map((kv) => keyValueJson(kv, encoding)) };
}

export function prevJson(prevKv: KeyValue | undefined, encoding: Encoding): Record<string, unknown> {
  return prevKv === undefined ? {} : { prevKv: keyValueJson(prevKv, encoding) };
}

/** The answer of one operation of a transaction. */
export function answerText(answer: TxnAnswer, shown: Shown): string {
  switch (answer.$case) {
    case 'range':
      return answer.value.kvs.map((kv) => keyValueText(kv, shown)).join('\n');
    case 'put': {
      const { prevKv } = answer.value;
      return prevKv === undefined ? 'OK' : `OK, before:\n${keyValueText(prevKv, shown)}`;
    }
    case 'deleteRange': {
      const { deleted, prevKvs } = answer.value;
      const before = prevKvs.map((kv) => `\n${keyValueText(kv, shown)}`).join('');
      return `deleted ${deleted}${before === '' ? '' : `, before:${before}`}`;
    }
    case 'txn':
      return answer.value.succeeded ? 'SUCCESS' : 'FAILURE';
  }
}

export function answerJson(answer: TxnAnswer, encoding: Encoding): unknown {
  switch (answer.$case) {
    case 'range':
      return { range: rangeJson(answer.value, encoding) };
    case 'put':
      return { put: { revision: answer.value.revision, ...prevJson(answer.value.prevKv, encoding) } };
    case 'deleteRange': {
      const { revision, deleted, prevKvs } = answer.value;
      return { delete: { revision, deleted, prevKvs: prevKvs.map((kv) => keyValueJson(kv, encoding)) } };
    }
    case 'txn': {
      const { succeeded, responses } = answer.value;
      return {
        txn: { succeeded, responses: responses.map(({ response }) => answerJson(response!, encoding)) },
      };
    }
  }
}

function bytesJson(name: string, bytes: Buffer, encoding: Encoding): Record<string, string> {
  if (encoding === 'text' && !isUtf8(bytes)) return { [`${name}Base64`]: bytes.toString('base64') };
  return { [name]: bytesText(bytes, encoding) };
}
