import type {
  MembershipResponse,
  SetSettingsResponse,
  SharedSettings,
  StatusResponse,
} from '@aegis/proto/v1/cluster';
import type { LockDescription } from '@aegis/proto/v1/lock';

/** Where a member is reached, and which name its certificate has to have. */
export interface MemberAddress {
  /** The pod's address, so that an operator outside of the cluster's DNS reaches it too. */
  readonly ip: string;
  readonly serverName: string;
}

/** What the operator presents itself with to members, as PEM texts: role `aegis:admin`. */
export interface Credentials {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** What a pod says on its metrics port. */
export interface Said {
  readonly state: 'empty' | 'joining' | 'member';
  readonly nonce: string;
  readonly clusterId: string | null;
  readonly memberId: number | null;
  /** SHA-256, in hex, of the certificate and the authorities that it uses; null: without TLS, or too old to tell. */
  readonly tls: { readonly certificate: string; readonly authorities: readonly string[] } | null;
}

export interface LearnerToAdd {
  readonly nonce: string;
  readonly name: string;
  readonly peerAddress: string;
  readonly clientAddress: string;
  readonly metricsAddress: string;
}

/** The members of clusters, as far as the operator talks to them. Each call is bounded in time. */
export interface MembersPort {
  /** Rejects if it does not answer, or nonsense. */
  member(ip: string): Promise<Said>;
  /** Undefined: it is ready; else why not. Rejects if it does not answer. */
  unready(ip: string): Promise<string | undefined>;
  /** Reject with AegisError. */
  status(at: MemberAddress, credentials: Credentials): Promise<StatusResponse>;
  add(leader: MemberAddress, credentials: Credentials, member: LearnerToAdd): Promise<MembershipResponse>;
  promote(leader: MemberAddress, credentials: Credentials, id: number): Promise<void>;
  remove(leader: MemberAddress, credentials: Credentials, id: number): Promise<void>;
  transfer(leader: MemberAddress, credentials: Credentials, to: number): Promise<void>;
  setSettings(
    leader: MemberAddress,
    credentials: Credentials,
    settings: SharedSettings,
  ): Promise<SetSettingsResponse>;
  lock(leader: MemberAddress, credentials: Credentials, name: string): Promise<LockDescription>;
}
