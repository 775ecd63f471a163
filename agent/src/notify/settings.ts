import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import * as z from 'zod';
import { FORMATS } from './bodies.js';
import type { Webhook } from './webhook.js';

/** The file of webhooks is wrong: the message says what and where, and holds no secret. */
export class NotifyError extends Error {
  override readonly name = 'NotifyError';
}

const SHAPE = z.strictObject({
  webhooks: z
    .array(
      z.strictObject({
        name: z.string().regex(/^[a-z0-9-]{1,40}$/, 'small letters, digits and hyphens are wanted'),
        format: z.enum(FORMATS),
        /** A file that holds the address: for many it is the secret. */
        urlFile: z.string().min(1),
        /** A file that holds a bearer token. */
        tokenFile: z.string().min(1).optional(),
        timeoutMs: z.int().min(100).max(30_000).default(5_000),
        /** For http to another machine; then without a token. */
        clearText: z.boolean().default(false),
      }),
    )
    .max(8),
});

const LINE = /^[\x21-\x7e]{1,4096}$/;

/** Reads webhooks from a file of YAML, and their secrets from the files that it names. Throws NotifyError. */
export function readWebhooks(path: string): readonly Webhook[] {
  let given: unknown;
  try {
    given = parse(readFileSync(path, 'utf8'), { maxAliasCount: 0 });
  } catch (error) {
    throw new NotifyError(`${path} cannot be read: ${(error as Error).message}`);
  }
  const read = SHAPE.safeParse(given);
  if (!read.success) {
    const wrong = read.error.issues.map(
      ({ path: keys, message }) => `${keys.join('.') || 'the file'}: ${message}`,
    );
    throw new NotifyError(`${path}: ${wrong.join('; ')}. See docs/notifications.md.`);
  }
  const names = read.data.webhooks.map(({ name }) => name);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) throw new NotifyError(`${path}: two webhooks are called ${twice}.`);
  return read.data.webhooks.map(({ name, format, urlFile, tokenFile, timeoutMs, clearText }) => {
    const refuse = (what: string): never => {
      throw new NotifyError(`${path}, ${name}: ${what}.`);
    };
    const url = secret(urlFile, 'urlFile', refuse);
    const token = tokenFile === undefined ? undefined : secret(tokenFile, 'tokenFile', refuse);
    if (!URL.canParse(url)) refuse('urlFile has to hold one address and nothing else');
    const { protocol, hostname, username } = new URL(url);
    const near = ['127.0.0.1', 'localhost', '[::1]'].includes(hostname);
    if (username !== '') refuse('the address may hold no user: use tokenFile');
    if (protocol !== 'https:' && protocol !== 'http:') refuse('https is wanted');
    if (protocol === 'http:' && !near && !clearText) refuse('https is wanted; clearText: true allows http');
    if (protocol === 'http:' && !near && token !== undefined) refuse('a token may not go in clear text');
    return { name, format, url, token, timeoutMs };
  });
}

function secret(path: string, what: string, refuse: (what: string) => never): string {
  let line: string;
  try {
    line = readFileSync(path, 'utf8').trim();
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    return refuse(`${what} ${path} cannot be read (${code})`);
  }
  return LINE.test(line) ? line : refuse(`${what} ${path} has to hold one line and nothing else`);
}
