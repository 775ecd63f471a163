import type { ServerWritableStream } from '@grpc/grpc-js';
import type { BackupHeader } from '@aegis/proto/v1/backup';
import type { BackupRequest, BackupResponse } from '@aegis/proto/v1/cluster';

import { errorOf } from '../../errors/index.js';
import type { StateMachine } from '../../state/index.js';
import { type BackupSink, OutgoingBackup } from '../backup/outgoing-backup.js';
import type { Environment } from '../driver/environment.js';
import type { ClusterFacts } from './cluster-service.js';
import type { Read } from './services.js';
import { endCall, statusError } from './status.js';

export interface BackupEvents {
  begun(index: number): void;
  ended(index: number, bytes: number, failure: string | undefined): void;
}

export interface BackupsParts {
  readonly state: StateMachine;
  readonly facts: ClusterFacts;
  readonly environment: Environment;
  readonly bytesPerSecond: number;
  readonly chunkBytes: number;
  readonly events: BackupEvents;
}

/** Each keeps old files of the storage from being deleted, and takes its share of the event loop. */
const BACKUPS_MAX = 2;

type Call = ServerWritableStream<BackupRequest, BackupResponse>;

/** The backups that this replica is sending. */
export class Backups {
  readonly #parts: BackupsParts;
  readonly #read: Read;
  /** Undefined while the read is on its way that comes first. */
  readonly #calls = new Map<Call, OutgoingBackup | undefined>();

  constructor(parts: BackupsParts, read: Read) {
    this.#parts = parts;
    this.#read = read;
  }

  serve(call: Call): void {
    if (this.#calls.size >= BACKUPS_MAX) {
      const what = 'the number of backups that a replica sends at once';
      endCall(call, statusError(errorOf('OVERLOADED', { what, limit: BACKUPS_MAX })));
      return;
    }
    this.#calls.set(call, undefined);
    const gone = (): void => void this.#forget(call, 'its client went away');
    call.on('cancelled', gone);
    call.on('error', gone);
    if (call.request.stale) {
      this.#begin(call);
      return;
    }
    this.#read((failed) => {
      if (failed !== undefined) endCall(call, statusError(failed));
      else this.#begin(call);
    });
  }

  /** A snapshot has taken the place of the state. */
  stateReplaced(): void {
    this.#endAll('a snapshot took the place of the state of this replica');
  }

  stop(): void {
    this.#endAll('the replica is stopping');
  }

  #begin(call: Call): void {
    if (!this.#calls.has(call)) return;
    const header = this.#header();
    const sink: BackupSink = {
      write: (data, first, sent) => void call.write({ data, header: first }, () => sent()),
    };
    const backup = new OutgoingBackup(header, this.#parts.state.view(), sink, this.#parts, (ending) => {
      if (!ending.ok) this.#fail(call, ending.reason);
      else if (this.#forget(call, undefined)) call.end();
    });
    this.#calls.set(call, backup);
    this.#parts.events.begun(header.index);
  }

  #endAll(reason: string): void {
    for (const call of this.#calls.keys()) this.#fail(call, reason);
  }

  #fail(call: Call, reason: string): void {
    if (this.#forget(call, reason)) endCall(call, statusError(errorOf('BACKUP_INCOMPLETE', { reason })));
  }

  /** False: it was over before. */
  #forget(call: Call, failure: string | undefined): boolean {
    const backup = this.#calls.get(call);
    if (!this.#calls.delete(call)) return false;
    if (backup === undefined) return true;
    void backup.cancel();
    this.#parts.events.ended(backup.header.index, backup.bytes, failure);
    return true;
  }

  #header(): BackupHeader {
    const { state, facts, environment } = this.#parts;
    const { clusterId, confState } = state.membership!;
    return {
      stateVersion: state.clusterVersion,
      clusterId,
      memberId: facts.memberId,
      index: state.appliedIndex,
      term: state.appliedTerm,
      stateHash: state.hash,
      revision: state.kv.revision,
      compactedRevision: state.kv.compactedRevision,
      newestToken: state.newestToken,
      profile: facts.profile,
      voters: confState.voters.length,
      takenAtMs: Math.floor(environment.wallMs()),
      software: facts.version,
    };
  }
}
