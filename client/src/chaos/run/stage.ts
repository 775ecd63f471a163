/** A cluster that faults are done to. Members are called by their ids. */
export interface Stage {
  readonly members: readonly number[];
  /** Throws if nobody leads for a while. */
  leader(): Promise<number>;
  /** On the control channel of a member: see docs/faults.md. */
  order(member: number, order: Order): Promise<void>;
  /** Ends a member at once; whoever watches over it starts it again. */
  kill(member: number): Promise<void>;
  pause(member: number): Promise<void>;
  resume(member: number): Promise<void>;
  /** @param percent of one processor; undefined: as much as there is */
  throttle(member: number, percent: number | undefined): Promise<void>;
  handOver(to: number): Promise<void>;
  /** Another value after every start of the member: faults that were ordered are gone then. Undefined: it does not run. */
  life(member: number): string | undefined;
}

export type Order = Readonly<Record<string, string | number | boolean>> & { readonly fault: string };
