import { parseArgs } from 'node:util';

import { type Profile, PROFILES } from '../settings/index.js';
import { RefusedStart } from './exit.js';
import { hostAndPort, onHost } from './folder/addresses.js';
import { LEVELS, type Level } from './logger.js';

export interface PrepareOptions {
  readonly command: 'prepare';
  readonly data: string;
}

export interface RestoreOptions {
  readonly command: 'restore';
  readonly data: string;
  readonly bootstrap: string;
  readonly backup: string;
  /** The record is a draft: its only member is this folder, whatever nonce is written there. */
  readonly firstMember: boolean;
  /** Where the answer goes, too. */
  readonly report: string | undefined;
}

/** What becomes of a replica whose member was removed: it ends with status 66, or its folder is moved aside and it joins anew. */
export const WHEN_REMOVED = ['end', 'move-aside'] as const;
export type WhenRemoved = (typeof WHEN_REMOVED)[number];

export interface StartOptions {
  readonly command: 'start';
  readonly data: string;
  readonly bootstrap: string;
  /** Whether that file may come later. */
  readonly awaitBootstrap: boolean;
  /** The host on which all ports are opened, instead of the one of this member's addresses. */
  readonly listen: string | undefined;
  /** What the cluster begins from; only the first start looks at it. */
  readonly backup: string | undefined;
  /** Peer addresses that a joining replica asks, beside those of the record. */
  readonly join: readonly string[];
  /** Where a joining replica serves /livez and /readyz; later its membership tells. */
  readonly metrics: string | undefined;
  readonly settings: string | undefined;
  /** Consensus settings of the command line, as written; they go before those of the file. */
  readonly set: Readonly<Record<string, string>>;
  readonly profile: Profile | undefined;
  /** Undefined with --insecure. */
  readonly tls: string | undefined;
  readonly insecureAnywhere: boolean;
  readonly allowFaults: boolean;
  readonly whenRemoved: WhenRemoved;
  readonly logLevel: Level;
}

export const USAGE = `aegis-replica: one replica of an AEGIS cluster

  aegis-replica prepare --data DIR
      Makes the data folder with a synced nonce, and prints {"nonce":"…"}. Again, it prints the same.
  aegis-replica restore --data DIR --bootstrap FILE --backup FILE [--first-member] [--report FILE]
      Fills a prepared folder from a backup, which the record has to name, and prints what it holds then. The first
      members of a new cluster all have to begin like this. Interrupted, it can be repeated.
      --first-member       the record lists one member, and its nonce is not known yet: the folder is made if there is none,
                           and becomes that member. The answer has the nonce that belongs into the record; the others join
      --report FILE        write the answer there, too
  aegis-replica start --data DIR --bootstrap FILE (--tls DIR | --insecure) [options]
      --bootstrap FILE     the record of the first members. A new folder that it does not list by its nonce joins: it waits
                           until it is added (aegis members add), and asks the replicas of the record meanwhile
      --await-bootstrap    wait until that file is there; meanwhile /member tells this folder's nonce to whoever makes it
      --listen HOST        open the ports on this host, for example 0.0.0.0, instead of the host of this member's addresses,
                           which is then only what others reach it by
      --join ADDRESS,…     peer addresses that it asks too
      --metrics ADDRESS    where it serves /livez, /readyz and /member while it waits
      --backup FILE        begin from this backup, as restore does; a folder that has begun ignores it
      --settings FILE      a settings document (apiVersion aegis.dev/v1alpha1, kind AegisCluster)
      --set NAME=VALUE     one consensus setting, for example --set electionTimeoutMs=2000; again for more
      --profile PROFILE    ${PROFILES.join(', ')}; default: the document's, else all
      --tls DIR            ca.crt, tls.crt and tls.key: mutual TLS on the client and peer ports
      --insecure           no TLS; loopback addresses only
      --insecure-anywhere  no TLS on any address: whoever reaches the ports owns the cluster
      --when-removed WHAT  once the cluster has removed this member: ${WHEN_REMOVED.join(', ')}; default end, with status 66.
                           move-aside renames the folder to DIR.removed-ID-TIME, deletes an older one of that kind,
                           and waits with a new one to be added
      --allow-faults       inject faults as the socket faults.sock in the data folder is told (docs/faults.md);
                           never on a cluster that matters
      --log-level LEVEL    ${LEVELS.join(', ')}; default info

Exit status
   0  stopped as asked
  64  wrong flags or settings
  65  the data folder or the backup is refused, or the log holds what only a newer version knows
  66  this member was removed from the cluster
  67  its state is not the one that a quorum has: replace this member
  70  failed: start again
  74  the disk failed a write, a sync or a read: look at it, and start again
  75  a port or the folder is in use
`;

/** Reads the command line. Throws RefusedStart naming the flag. */
export function parseOptions(
  args: readonly string[],
): PrepareOptions | RestoreOptions | StartOptions | { command: 'help' } {
  if (args.length === 0 || args.includes('--help') || args[0] === 'help') return { command: 'help' };
  const [command, ...rest] = args;
  const values = flags(rest);
  if (values.data === undefined) throw new RefusedStart('usage', '--data: name the data folder');
  if (command === 'prepare') return { command, data: values.data };
  if (command !== 'start' && command !== 'restore')
    throw new RefusedStart('usage', `unknown command "${command}"; there are prepare, restore and start`);
  if (values.bootstrap === undefined)
    throw new RefusedStart('usage', '--bootstrap: name the record of the first members');
  if (command === 'restore') {
    if (values.backup === undefined) throw new RefusedStart('usage', '--backup: name the backup file');
    return {
      command,
      data: values.data,
      bootstrap: values.bootstrap,
      backup: values.backup,
      firstMember: values['first-member'] === true,
      report: values.report,
    };
  }
  const insecure = values.insecure === true || values['insecure-anywhere'] === true;
  if ((values.tls === undefined) !== insecure) {
    throw new RefusedStart('usage', '--tls DIR or --insecure: give exactly one of them');
  }
  return {
    command,
    data: values.data,
    bootstrap: values.bootstrap,
    awaitBootstrap: values['await-bootstrap'] === true,
    listen: values.listen === undefined ? undefined : host(values.listen),
    backup: values.backup,
    join: addresses(values.join),
    metrics: values.metrics === undefined ? undefined : addresses(values.metrics)[0],
    settings: values.settings,
    set: assignments(values.set ?? []),
    profile: oneOf('profile', values.profile, PROFILES),
    tls: values.tls,
    insecureAnywhere: values['insecure-anywhere'] === true,
    allowFaults: values['allow-faults'] === true,
    whenRemoved: oneOf('when-removed', values['when-removed'], WHEN_REMOVED) ?? 'end',
    logLevel: oneOf('log-level', values['log-level'], LEVELS) ?? 'info',
  };
}

function flags(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        data: { type: 'string' },
        bootstrap: { type: 'string' },
        backup: { type: 'string' },
        'await-bootstrap': { type: 'boolean' },
        listen: { type: 'string' },
        join: { type: 'string' },
        metrics: { type: 'string' },
        settings: { type: 'string' },
        set: { type: 'string', multiple: true },
        profile: { type: 'string' },
        tls: { type: 'string' },
        insecure: { type: 'boolean' },
        'insecure-anywhere': { type: 'boolean' },
        'allow-faults': { type: 'boolean' },
        'when-removed': { type: 'string' },
        'first-member': { type: 'boolean' },
        report: { type: 'string' },
        'log-level': { type: 'string' },
      },
    }).values;
  } catch (error) {
    throw new RefusedStart('usage', `${(error as Error).message}\nTry aegis-replica --help`);
  }
}

function addresses(list: string | undefined): string[] {
  const given = list === undefined ? [] : list.split(',');
  for (const address of given) hostAndPort(address);
  return given;
}

function host(given: string): string {
  hostAndPort(onHost(given, 'any:1'));
  return given;
}

function assignments(given: readonly string[]): Record<string, string> {
  const set: Record<string, string> = {};
  for (const assignment of given) {
    const [, name, value] = /^([A-Za-z]+)=(.+)$/.exec(assignment) ?? [];
    if (name === undefined || value === undefined) {
      throw new RefusedStart(
        'usage',
        `--set: "${assignment}" is not NAME=VALUE, for example electionTimeoutMs=2000`,
      );
    }
    if (name in set) throw new RefusedStart('usage', `--set: ${name} is given twice`);
    set[name] = value;
  }
  return set;
}

function oneOf<T extends string>(
  flag: string,
  value: string | undefined,
  allowed: readonly T[],
): T | undefined {
  if (value === undefined) return undefined;
  const found = allowed.find((candidate) => candidate === value);
  if (found === undefined)
    throw new RefusedStart('usage', `--${flag}: "${value}" is not one of ${allowed.join(', ')}`);
  return found;
}
