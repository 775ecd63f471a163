import type { AegisCluster } from '@aegis/crds';
import type { Context } from '../../context.js';
import { RESOURCES } from '../../kube/resource.js';

/** A new token is taken this soon. */
const FRESH_MS = 30_000;
const KEPT_MAX = 1_000;

/** Tokens as they were read last, by context, so that the API server is not asked at every look. */
const kept = new WeakMap<
  Context,
  Map<string, { readonly token: string | undefined; readonly atMs: number }>
>();

/**
 * The token that reads the repository, out of the Secret that the cluster names: key `token`.
 * @returns undefined where there is no such Secret, or no such key in it
 */
export async function tokenOf(
  context: Context,
  { metadata }: AegisCluster,
  secretName: string,
): Promise<string | undefined> {
  const { namespace } = metadata;
  const tokens = kept.get(context) ?? new Map<string, { token: string | undefined; atMs: number }>();
  kept.set(context, tokens);
  const key = `${namespace}/${secretName}`;
  const known = tokens.get(key);
  if (known !== undefined && performance.now() - known.atMs < FRESH_MS) return known.token;
  const secret = await context.client.get(RESOURCES.secrets, { namespace, name: secretName }, context.signal);
  const encoded = secret?.data?.['token'];
  const text = encoded === undefined ? '' : Buffer.from(encoded, 'base64').toString('utf8').trim();
  const token = text === '' ? undefined : text;
  if (tokens.size >= KEPT_MAX) tokens.clear();
  // What is missing is about to be made by somebody.
  if (token === undefined) tokens.delete(key);
  else tokens.set(key, { token, atMs: performance.now() });
  return token;
}
