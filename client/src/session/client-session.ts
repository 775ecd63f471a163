import type { Connection } from '../connection/connection.js';
import { Election } from '../election/election.js';
import { Kv } from '../kv/kv.js';
import { sessionWrites } from '../kv/writes.js';
import { Lock } from '../lock/lock.js';
import type { LockOptions } from '../lock/options.js';
import type { Session } from './session.js';

/** A session of its own: locks and leaderships that live and end together. */
export class ClientSession {
  /** Versioned keys: writes are repeated until they are answered, and take effect at most once. */
  readonly kv: Kv;

  constructor(
    private readonly connection: Connection,
    private readonly session: Session,
    private readonly requestTimeoutMs: number,
  ) {
    this.kv = new Kv(connection, sessionWrites(session), requestTimeoutMs);
  }

  /** Its lease as a decimal string; '0' before the first use. */
  get lease(): string {
    return this.session.lease;
  }

  /** Whether what it holds can be relied upon now. */
  get valid(): boolean {
    return this.session.valid;
  }

  /** How long what it holds can be relied upon without another word from the cluster, in milliseconds. */
  get remainingMs(): number {
    return this.session.remainingMs;
  }

  lock(name: string, options: Omit<LockOptions, 'ttlMs'> = {}): Lock {
    return new Lock(() => this.session, name, options);
  }

  election(name: string): Election {
    return new Election(this.connection, () => this.session, this.requestTimeoutMs, name);
  }

  /** Ends it: all that it holds is free at once. */
  close(): Promise<void> {
    return this.session.close();
  }
}
