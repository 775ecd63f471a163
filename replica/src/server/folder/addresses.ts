import { RefusedStart } from '../exit.js';

/** Splits `host:port` or `[v6]:port`. Throws RefusedStart naming the text when it is neither. */
export function hostAndPort(address: string): { host: string; port: number } {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(address);
  const port = Number(match?.[3]);
  if (match === null || port < 1 || port > 65_535) {
    throw new RefusedStart(
      'usage',
      `"${address}" is not an address; write host:port, for example 127.0.0.1:4410`,
    );
  }
  return { host: (match[1] ?? match[2])!, port };
}

export function isLoopback(address: string): boolean {
  const { host } = hostAndPort(address);
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}

/** The same port on another host. */
export function onHost(host: string | undefined, address: string): string {
  if (host === undefined) return address;
  const port = address.slice(address.lastIndexOf(':') + 1);
  return host.includes(':') ? `[${host.replace(/^\[|\]$/g, '')}]:${port}` : `${host}:${port}`;
}
