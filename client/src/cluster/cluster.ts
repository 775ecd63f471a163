import {
  ClusterClient,
  type AddLearnerRequest,
  type HashRequest,
  type HashResponse,
  type MembershipResponse,
  type SetSettingsResponse,
  type SharedSettings,
  type StatusResponse,
  type TransferLeadershipResponse,
} from '@aegis/proto/v1/cluster';
import type { Alarm } from '@aegis/proto/v1/alarm';
import { Metadata, type ChannelCredentials, type ServiceError } from '@grpc/grpc-js';
import { setTimeout as sleep } from 'node:timers/promises';
import { OverloadedError, UnavailableError, errorFromGrpc, type AegisError } from '../errors/index.js';
import { channelOptions } from '../stream/credentials.js';
import { backupBytesFrom, type BackupOptions } from './backup-stream.js';

export type EndpointStatus =
  | { readonly endpoint: string; readonly status: StatusResponse }
  | { readonly endpoint: string; readonly error: AegisError };

/** In a request. */
const UNCHANGED: SharedSettings = {
  leaseMinTtlMs: 0,
  leaseMaxTtlMs: 0,
  leaseExpiryPerTick: 0,
  kvQuotaBytes: 0,
};

/** Answers by which nothing was done, and which an election ends. */
const AWAITING_ELECTION: ReadonlySet<string> = new Set(['NO_LEADER', 'NOT_LEADER']);
const ELECTION_POLL_MS = 200;
/** Replicas that hang must not keep the others waiting. */
const STATUS_MS_MAX = 2_000;

type LeaderCall<Response> = (
  leader: ClusterClient,
  metadata: Metadata,
  options: { readonly deadline: number },
  done: (failure: ServiceError | null, response: Response) => void,
) => void;

/** Administration. Status may be asked by everyone and needs no quorum; the rest needs an admin's certificate. */
export class Cluster {
  private readonly clients = new Map<string, ClusterClient>();

  constructor(
    private readonly endpoints: () => readonly string[],
    private readonly channelCredentials: ChannelCredentials,
    private readonly timeoutMs: number,
  ) {}

  /** The cluster as one replica sees it. Fails with UnavailableError or RequestTimeoutError. */
  status(endpoint: string, timeoutMs: number = this.timeoutMs): Promise<StatusResponse> {
    return new Promise((resolve, reject) => {
      const options = { deadline: Date.now() + timeoutMs };
      this.client(endpoint).status({}, new Metadata(), options, (failure, response) => {
        if (failure === null) resolve(response);
        else reject(errorFromGrpc(failure, endpoint));
      });
    });
  }

  /** Asks every known endpoint at once; those that don't answer are in the list with their error. */
  statuses(timeoutMs: number = this.timeoutMs, endpoints = this.endpoints()): Promise<EndpointStatus[]> {
    return Promise.all(
      endpoints.map((endpoint) =>
        this.status(endpoint, timeoutMs).then(
          (status): EndpointStatus => ({ endpoint, status }),
          (error: AegisError): EndpointStatus => ({ endpoint, error }),
        ),
      ),
    );
  }

  /**
   * Hands leadership over. Fails with MemberNotFoundError, TransferFailedError (the target did not catch up in
   * time), PermissionDeniedError (not an admin's certificate), or UnavailableError when nobody leads.
   * @param targetId the member that is to lead; 0: the most caught-up one
   */
  transferLeadership(targetId: number = 0): Promise<TransferLeadershipResponse> {
    return this.atLeader((leader, metadata, options, done) =>
      leader.transferLeadership({ targetId }, metadata, options, done),
    );
  }

  /**
   * Adds a member that gets the data and has no vote yet. The folder that drew the nonce learns by itself which member it is.
   * Asked again for the same folder, it is answered the same.
   *
   * Fails, as every change of the membership does, with MembershipBusyError (another one is under way), PermissionDeniedError
   * (not an admin's certificate) or UnavailableError; and with MemberExistsError (an address or the name is another
   * member's), FolderRemovedError (the folder's member was removed) or InvalidRequestError.
   */
  addLearner(member: AddLearnerRequest): Promise<MembershipResponse> {
    return this.atLeader((leader, metadata, options, done) =>
      leader.addLearner(member, metadata, options, done),
    );
  }

  /**
   * Makes a learner a voter. Fails with LearnerBehindError until it has caught up, QuorumAtRiskError, MemberNotFoundError.
   * @param replacedId a voter that is removed in the same step; 0: none
   */
  promote(memberId: number, replacedId: number = 0): Promise<MembershipResponse> {
    return this.atLeader((leader, metadata, options, done) =>
      leader.promote({ memberId, replacedId }, metadata, options, done),
    );
  }

  /** Removes a member for ever. Fails with QuorumAtRiskError when too few live voters would be left, MemberNotFoundError. */
  remove(memberId: number): Promise<MembershipResponse> {
    return this.atLeader((leader, metadata, options, done) =>
      leader.remove({ memberId }, metadata, options, done),
    );
  }

  /**
   * Has every replica hash all its rows as they are after one log entry, and resolves to its index, at once: ask each with
   * `hash`. While one is under way, it is that one. Fails with PermissionDeniedError (not an admin's certificate), or
   * UnavailableError when nobody leads.
   */
  async scrub(): Promise<number> {
    const { index } = await this.atLeader<{ readonly index: number }>((leader, metadata, options, done) =>
      leader.scrub({}, metadata, options, done),
    );
    return index;
  }

  /**
   * Has the cluster agree on a later version of the state machine; resolves to the version that it has agreed on. Fails with
   * VersionUnsupportedError (a member does not know it, or is away), InvalidRequestError (it never falls), and as `scrub` does.
   */
  async raiseVersion(version: number): Promise<number> {
    const raised = await this.atLeader<{ readonly version: number }>((leader, metadata, options, done) =>
      leader.raiseVersion({ version }, metadata, options, done),
    );
    return raised.version;
  }

  /**
   * Changes settings that belong to the whole cluster, by one logged command and without a restart; resolves to those in force, and
   * whether they were others before. What is left out stays. Asked again, it changes nothing. Fails with UnsafeSettingsError
   * (a number out of its bounds, or the safety envelope says no), and as `scrub` does.
   */
  async setSettings(
    settings: Partial<SharedSettings>,
  ): Promise<{ readonly settings: SharedSettings; readonly changed: boolean }> {
    const { settings: inForce, changed } = await this.atLeader<SetSettingsResponse>(
      (leader, metadata, options, done) =>
        leader.setSettings({ settings: { ...UNCHANGED, ...settings } }, metadata, options, done),
    );
    return { settings: inForce!, changed };
  }

  /** The state hash of one replica: of now, or of a scrub of the whole cluster. Fails as `status` does, or with PermissionDeniedError. */
  hash(endpoint: string, request: HashRequest, timeoutMs: number = this.timeoutMs): Promise<HashResponse> {
    return new Promise((resolve, reject) => {
      const options = { deadline: Date.now() + timeoutMs };
      this.client(endpoint).hash(request, new Metadata(), options, (failure, response) => {
        if (failure === null) resolve(response);
        else reject(errorFromGrpc(failure, endpoint));
      });
    });
  }

  /**
   * Clears an alarm CORRUPT, and resolves to what stands raised afterwards. Fails with InvalidRequestError for the other kinds,
   * which clear themselves, and as `scrub` does.
   */
  async clearAlarm(alarm: Alarm): Promise<readonly Alarm[]> {
    const { alarms } = await this.atLeader<{ readonly alarms: readonly Alarm[] }>(
      (leader, metadata, options, done) => leader.clearAlarm({ alarm }, metadata, options, done),
    );
    return alarms;
  }

  /**
   * The bytes of a backup file: the whole state as it was at one moment after the call, whatever is written meanwhile
   * (docs/backup-format.md). It comes from a follower where there is one, and no faster than the bytes are taken.
   * Fails with PermissionDeniedError (not an admin's certificate), OverloadedError (too many backups at once),
   * BackupIncompleteError (cut off: what came is of no use), UnavailableError, RequestTimeoutError or AbortedError.
   */
  async *backup(options: BackupOptions = {}): AsyncGenerator<Uint8Array, void, undefined> {
    let last: AegisError | undefined;
    for (const endpoint of await this.backupSources(options.stale === true)) {
      let begun = false;
      try {
        for await (const bytes of backupBytesFrom(this.client(endpoint), endpoint, options)) {
          begun = true;
          yield bytes;
        }
        return;
      } catch (error) {
        // Another one can begin anew only while nothing has come.
        if (begun || !(error instanceof UnavailableError || error instanceof OverloadedError)) throw error;
        last = error;
      }
    }
    throw last!;
  }

  close(): void {
    for (const client of this.clients.values()) client.close();
    this.clients.clear();
  }

  /**
   * The endpoints that answer: followers first, because the leader has more to do; without a quorum whoever is furthest.
   */
  private async backupSources(stale: boolean): Promise<string[]> {
    const asked = await this.statuses(Math.min(this.timeoutMs, STATUS_MS_MAX));
    const answers = asked.flatMap((each) => ('status' in each ? [each] : []));
    if (answers.length === 0) return [...this.endpoints()];
    const leads = ({ role }: StatusResponse): number => (role === 'leader' && !stale ? 1 : 0);
    return answers
      .toSorted(({ status: a }, { status: b }) => leads(a) - leads(b) || b.appliedIndex - a.appliedIndex)
      .map(({ endpoint }) => endpoint);
  }

  /** Has the leader do something. While there is none, or who was asked has just lost its place, it is looked for again. */
  private async atLeader<Response>(call: LeaderCall<Response>): Promise<Response> {
    const deadline = Date.now() + this.timeoutMs;
    for (;;) {
      try {
        return await this.atLeaderNow(call, deadline);
      } catch (error) {
        const elected = error instanceof UnavailableError && AWAITING_ELECTION.has(error.code);
        if (!elected || Date.now() + ELECTION_POLL_MS >= deadline) throw error;
      }
      await sleep(ELECTION_POLL_MS);
    }
  }

  private async atLeaderNow<Response>(call: LeaderCall<Response>, deadline: number): Promise<Response> {
    const leader = leaderAddress(
      await this.statuses(Math.max(1, Math.min(deadline - Date.now(), STATUS_MS_MAX))),
    );
    if (leader === undefined) {
      const message = `no replica of ${this.endpoints().join(', ')} knows of a leader`;
      throw new UnavailableError('NO_LEADER', message, { retryable: true, definite: true });
    }
    return new Promise((resolve, reject) => {
      call(this.client(leader), new Metadata(), { deadline }, (failure, response) => {
        if (failure === null) resolve(response);
        else reject(errorFromGrpc(failure, leader));
      });
    });
  }

  private client(endpoint: string): ClusterClient {
    let client = this.clients.get(endpoint);
    if (client === undefined) {
      client = new ClusterClient(endpoint, this.channelCredentials, channelOptions(endpoint));
      this.clients.set(endpoint, client);
    }
    return client;
  }
}

/** The client address of the leader of the newest term that any replica knows of. */
function leaderAddress(statuses: readonly EndpointStatus[]): string | undefined {
  let newest: StatusResponse | undefined;
  for (const answer of statuses) {
    if (!('status' in answer) || answer.status.leaderId === 0) continue;
    if (newest === undefined || answer.status.term > newest.term) newest = answer.status;
  }
  return newest?.members.find(({ id }) => id === newest.leaderId)?.clientAddress;
}
