import type { HostMemory } from '@aegis/replica/hosts';
import { isIP } from 'node:net';

/**
 * Where the endpoint was last, as address:port, if its name is not answered now. Undefined: it is answered (that there is no such
 * host is an answer), or nothing is known.
 */
export async function standInFor(endpoint: string, hosts: HostMemory): Promise<string | undefined> {
  const { host, port } = hostAndPort(endpoint);
  if (isIP(host) !== 0) return undefined;
  const found = await hosts.find(host).catch(() => undefined);
  const first = found?.remembered === true ? found.addresses[0] : undefined;
  if (first === undefined) return undefined;
  return first.family === 6 ? `[${first.address}]:${port}` : `${first.address}:${port}`;
}

/** Of an endpoint that was checked; the host is what a certificate must be for. */
export function hostAndPort(endpoint: string): { readonly host: string; readonly port: string } {
  const colon = endpoint.lastIndexOf(':');
  return { host: endpoint.slice(0, colon).replace(/^\[|\]$/g, ''), port: endpoint.slice(colon + 1) };
}
