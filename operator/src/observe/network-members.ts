import {
  ClusterClient,
  type MembershipResponse,
  type SetSettingsResponse,
  type SharedSettings,
  type StatusResponse,
} from '@aegis/proto/v1/cluster';
import { LocksClient, type LockDescribeResponse, type LockDescription } from '@aegis/proto/v1/lock';
import { errorFromGrpc } from '@aegis/client';
import { credentials as channelCredentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import { createHash } from 'node:crypto';
import { PORTS } from '../build/names.js';
import { ask } from './ask.js';
import type { Credentials, MemberAddress, MembersPort, Said } from './members-port.js';

/** How long a look may take: a pod that is slow is as one that is silent, and holds nobody up. */
const LOOK_MS = 2_000;
/** A change of the membership is answered when it is in force. */
const CHANGE_MS = 10_000;
/** Channels that nobody used for so long are closed. */
const IDLE_MS = 60_000;

interface Channel {
  readonly client: ClusterClient;
  /** On the same connection. */
  readonly locks: LocksClient;
  usedMs: number;
}

type Answer<T> = (failure: ServiceError | null, response: T) => void;
type CallOptions = { readonly deadline: number };

/** Members over the network: plain HTTP on their metrics port, mutual TLS on their client port. */
export class NetworkMembers implements MembersPort {
  /** By address and certificates: a pod that comes back at another address, or with others, is another one. */
  readonly #channels = new Map<string, Channel>();

  async member(ip: string): Promise<Said> {
    const { status, text } = await ask(ip, PORTS.metrics, '/member', LOOK_MS);
    if (status !== 200) throw new Error(`${ip}: /member answers ${status}`);
    return saidOf(JSON.parse(text), ip);
  }

  async unready(ip: string): Promise<string | undefined> {
    const { status, text } = await ask(ip, PORTS.metrics, '/readyz', LOOK_MS);
    return status === 200 ? undefined : text.trim().slice(0, 200) || `/readyz answers ${status}`;
  }

  status(at: MemberAddress, credentials: Credentials): Promise<StatusResponse> {
    return this.#call<StatusResponse>(at, credentials, LOOK_MS, (client, metadata, options, done) =>
      client.status({}, metadata, options, done),
    );
  }

  add(
    leader: MemberAddress,
    credentials: Credentials,
    member: Parameters<MembersPort['add']>[2],
  ): Promise<MembershipResponse> {
    return this.#call<MembershipResponse>(leader, credentials, CHANGE_MS, (client, metadata, options, done) =>
      client.addLearner(member, metadata, options, done),
    );
  }

  async promote(leader: MemberAddress, credentials: Credentials, memberId: number): Promise<void> {
    await this.#call(leader, credentials, CHANGE_MS, (client, metadata, options, done) =>
      client.promote({ memberId, replacedId: 0 }, metadata, options, done),
    );
  }

  async remove(leader: MemberAddress, credentials: Credentials, memberId: number): Promise<void> {
    await this.#call(leader, credentials, CHANGE_MS, (client, metadata, options, done) =>
      client.remove({ memberId }, metadata, options, done),
    );
  }

  async transfer(leader: MemberAddress, credentials: Credentials, targetId: number): Promise<void> {
    await this.#call(leader, credentials, CHANGE_MS, (client, metadata, options, done) =>
      client.transferLeadership({ targetId }, metadata, options, done),
    );
  }

  setSettings(
    leader: MemberAddress,
    credentials: Credentials,
    settings: SharedSettings,
  ): Promise<SetSettingsResponse> {
    return this.#call<SetSettingsResponse>(
      leader,
      credentials,
      CHANGE_MS,
      (client, metadata, options, done) => client.setSettings({ settings }, metadata, options, done),
    );
  }

  /** Linearizable: a leader that was deposed does not answer. */
  async lock(at: MemberAddress, credentials: Credentials, name: string): Promise<LockDescription> {
    const { lock } = await this.#call<LockDescribeResponse>(
      at,
      credentials,
      LOOK_MS,
      (_client, metadata, options, done, locks) =>
        locks.describe({ name, stale: false }, metadata, options, done),
    );
    if (lock === undefined) throw new TypeError(`${at.serverName}: a description without a lock`);
    return lock;
  }

  close(): void {
    for (const { client } of this.#channels.values()) client.close();
    this.#channels.clear();
  }

  #call<T>(
    at: MemberAddress,
    credentials: Credentials,
    timeoutMs: number,
    call: (
      client: ClusterClient,
      metadata: Metadata,
      options: CallOptions,
      done: Answer<T>,
      locks: LocksClient,
    ) => unknown,
  ): Promise<T> {
    const { client, locks } = this.#channelOf(at, credentials);
    return new Promise((resolve, reject) => {
      const done: Answer<T> = (failure, response) => {
        if (failure === null) resolve(response);
        else reject(errorFromGrpc(failure, `${at.serverName} (${at.ip})`));
      };
      call(client, new Metadata(), { deadline: Date.now() + timeoutMs }, done, locks);
    });
  }

  #channelOf({ ip, serverName }: MemberAddress, { ca, cert, key }: Credentials): Channel {
    const nowMs = performance.now();
    for (const [key, { client, usedMs }] of this.#channels) {
      if (nowMs - usedMs < IDLE_MS) continue;
      client.close();
      this.#channels.delete(key);
    }
    const digest = createHash('sha256').update(ca).update(cert).digest('base64url');
    const name = `${ip} ${serverName} ${digest}`;
    let channel = this.#channels.get(name);
    if (channel === undefined) {
      const tls = channelCredentials.createSsl(Buffer.from(ca), Buffer.from(key), Buffer.from(cert));
      const client = new ClusterClient(`${hostOf(ip)}:${PORTS.client}`, tls, {
        'grpc.ssl_target_name_override': serverName,
        'grpc.use_local_subchannel_pool': 1,
        'grpc.enable_retries': 0,
        'grpc.service_config_disable_resolution': 1,
        'grpc.initial_reconnect_backoff_ms': 100,
        'grpc.max_reconnect_backoff_ms': 1_000,
      });
      const locks = new LocksClient(client.getChannel().getTarget(), tls, {
        channelOverride: client.getChannel(),
      });
      channel = { client, locks, usedMs: nowMs };
      this.#channels.set(name, channel);
    }
    channel.usedMs = nowMs;
    return channel;
  }
}

/** An address of IPv6 stands in brackets before a port. */
function hostOf(ip: string): string {
  return ip.includes(':') ? `[${ip}]` : ip;
}

function saidOf(said: unknown, ip: string): Said {
  const { state, nonce, clusterId, memberId, tls } = (said ?? {}) as Partial<Said>;
  const known = state === 'empty' || state === 'joining' || state === 'member';
  if (!known || typeof nonce !== 'string' || !/^[0-9a-f]{32}$/.test(nonce))
    throw new Error(`${ip}: /member answers nonsense`);
  if (state === 'member' && (typeof clusterId !== 'string' || !Number.isSafeInteger(memberId)))
    throw new Error(`${ip}: /member says neither cluster nor id`);
  return { state, nonce, clusterId: clusterId ?? null, memberId: memberId ?? null, tls: tlsOf(tls) };
}

function tlsOf(tls: unknown): Said['tls'] {
  const { certificate, authorities } = (tls ?? {}) as Partial<NonNullable<Said['tls']>>;
  if (typeof certificate !== 'string' || !Array.isArray(authorities)) return null;
  const told: readonly unknown[] = authorities;
  return { certificate, authorities: told.filter((each) => typeof each === 'string') };
}
