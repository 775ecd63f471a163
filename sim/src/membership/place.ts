import { addressesAt, type SimulatedMember, type SimulatedNewcomer } from '@aegis/replica/sim';

/** Where a machine of the cluster stands. What runs there changes; its addresses do not. */
export class Place {
  readonly addresses: ReturnType<typeof addressesAt>;
  /** Its folder is a member. */
  member: SimulatedMember | undefined;
  /** Its folder is empty, and waits to be added. */
  newcomer: SimulatedNewcomer | undefined;
  /** Whether the cluster is to have a voter here. */
  wanted = true;
  /** A voter that goes in the very step that makes this one a voter. */
  replaces: number | undefined;

  constructor(readonly number: number) {
    this.addresses = addressesAt(number);
  }

  get nonce(): string | undefined {
    return this.member?.nonce ?? this.newcomer?.nonce;
  }
}
