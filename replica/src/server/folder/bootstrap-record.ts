import { readFileSync } from 'node:fs';

import { RefusedStart } from '../exit.js';
import { hostAndPort } from './addresses.js';

/**
 * Who the first members of a cluster are: written once, when the nonces of all their empty folders are known and
 * synced, and never changed. Only a folder whose nonce is listed may begin an empty log.
 */
export interface BootstrapRecord {
  readonly clusterId: string;
  readonly members: readonly FirstMember[];
  /**
   * The digest of the backup that the cluster begins from. It is in the record so that no first member can begin empty, or
   * from another backup than the others did.
   */
  readonly backup?: string;
}

export interface FirstMember {
  /** From 1, given once. */
  readonly id: number;
  /** Hex. */
  readonly nonce: string;
  readonly name: string;
  readonly peerAddress: string;
  readonly clientAddress: string;
  readonly metricsAddress: string;
}

export function readBootstrapRecord(path: string): BootstrapRecord {
  let parsed: unknown;
  try {
    parsed = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new RefusedStart('usage', `--bootstrap: cannot read ${path}: ${(error as Error).message}`);
  }
  return checkBootstrapRecord(parsed, path);
}

export function checkBootstrapRecord(value: unknown, where: string): BootstrapRecord {
  const wrong = (what: string): RefusedStart => new RefusedStart('usage', `${where}: ${what}`);
  const record = asObject(value, () => wrong('is not a JSON object'));
  onlyKeys(record, ['clusterId', 'members', 'backup'], (key) => wrong(`unknown field "${key}"`));
  if (typeof record['clusterId'] !== 'string' || !/^[0-9a-f-]{16,64}$/.test(record['clusterId'])) {
    throw wrong('clusterId must be 16 to 64 characters of 0-9, a-f and "-"');
  }
  const list = record['members'];
  if (!Array.isArray(list) || list.length === 0 || list.length > 7)
    throw wrong('members must list 1 to 7 members');
  const members = list.map((item: unknown, at) =>
    checkMember(item, (what) => wrong(`members[${at}]: ${what}`)),
  );
  for (const field of ['id', 'nonce', 'name', 'peerAddress', 'clientAddress'] as const) {
    if (new Set(members.map((member) => member[field])).size !== members.length) {
      throw wrong(`two members share one ${field}`);
    }
  }
  const { backup } = record;
  if (backup === undefined) return { clusterId: record['clusterId'], members };
  if (typeof backup !== 'string' || !/^[0-9a-f]{64}$/.test(backup)) {
    throw wrong('backup must be the digest of a backup, 64 hex digits; aegis backup verify prints it');
  }
  return { clusterId: record['clusterId'], members, backup };
}

const FIELDS = ['id', 'nonce', 'name', 'peerAddress', 'clientAddress', 'metricsAddress'] as const;

function checkMember(value: unknown, wrong: (what: string) => RefusedStart): FirstMember {
  const member = asObject(value, () => wrong('is not an object'));
  onlyKeys(member, FIELDS, (key) => wrong(`unknown field "${key}"`));
  const text = (field: string): string => {
    const found = member[field];
    if (typeof found !== 'string' || found.length === 0 || found.length > 256) {
      throw wrong(`${field} must be 1 to 256 characters`);
    }
    return found;
  };
  const id = member['id'];
  if (!Number.isSafeInteger(id) || (id as number) < 1) throw wrong('id must be a whole number from 1');
  const nonce = text('nonce');
  if (!/^[0-9a-f]{32}$/.test(nonce)) throw wrong('nonce must be 32 hex digits');
  const addresses = [text('peerAddress'), text('clientAddress'), text('metricsAddress')] as const;
  for (const address of addresses) hostAndPort(address);
  const [peerAddress, clientAddress, metricsAddress] = addresses;
  return { id: id as number, nonce, name: text('name'), peerAddress, clientAddress, metricsAddress };
}

function asObject(value: unknown, wrong: () => Error): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong();
  return value as Record<string, unknown>;
}

function onlyKeys(
  object: Record<string, unknown>,
  known: readonly string[],
  wrong: (key: string) => Error,
): void {
  for (const key of Object.keys(object)) if (!known.includes(key)) throw wrong(key);
}
