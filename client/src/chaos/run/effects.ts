import type { Fault } from '../trace/trace.js';
import type { Order, Stage } from './stage.js';

/** What a fault does to one member, or to its link to a peer. Of two that act on the same thing, the later one counts while it lasts. */
export interface Effect {
  readonly member: number;
  /** What it acts on: effects with the same member and subject stand in each other's way. */
  readonly subject: string;
  readonly begin: (stage: Stage) => Promise<void>;
  /** Undoes it. Undefined: it happens in a moment. */
  readonly end?: (stage: Stage) => Promise<void>;
  /** Gone when the member starts again, so that it has to be done again then. */
  readonly ordered: boolean;
  /** The member itself has to obey, which it cannot while it stands still. */
  readonly asks: boolean;
}

/** @param members whom `on` or `from` means now. @param peers whom `to` means */
export function effectsOf(fault: Fault, members: readonly number[], peers: readonly number[]): Effect[] {
  switch (fault.kind) {
    case 'kill':
      return members.map((member) => moment(member, 'process', (stage) => stage.kill(member)));
    case 'transfer':
      return peers.slice(0, 1).map((member) => moment(member, 'lead', (stage) => stage.handOver(member)));
    case 'stall':
    case 'jump': {
      const order = { fault: fault.kind, ms: fault.ms };
      return members.map((member) => ({
        ...moment(member, fault.kind, (stage) => stage.order(member, order)),
        asks: true,
      }));
    }
    case 'pause':
      return members.map((member) => ({
        member,
        subject: 'process',
        ordered: false,
        asks: false,
        begin: (stage) => stage.pause(member),
        end: (stage) => stage.resume(member),
      }));
    case 'cpu':
      return members.map((member) => ({
        member,
        subject: 'cpu',
        ordered: true,
        asks: false,
        begin: (stage) => stage.throttle(member, fault.percent),
        end: (stage) => stage.throttle(member, undefined),
      }));
    case 'link': {
      // Named one by one: a fault of a trace has its times too, which an order does not.
      const { kind, both, cut, delayMs, jitterMs, lossPercent, bytesPerSecond } = fault;
      const state = { cut, delayMs, jitterMs, lossPercent, bytesPerSecond };
      const pairs = members.flatMap((from) =>
        peers.filter((to) => to !== from).map((to) => [from, to] as const),
      );
      const ways = both ? [...pairs, ...pairs.map(([from, to]) => [to, from] as const)] : pairs;
      const once = new Map(ways.map((way) => [way.join(), way]));
      return [...once.values()].map(([from, to]) =>
        ordered(from, `link ${to}`, { fault: kind, to, ...state }, { fault: kind, to }),
      );
    }
    case 'fsync': {
      const { slowMs, stalled } = fault;
      return members.map((member) => ordered(member, 'fsync', { fault: 'fsync', slowMs, stalled }));
    }
    case 'disk':
      return members.map((member) => ordered(member, 'disk', { fault: 'disk', full: fault.full }));
    case 'garbage': {
      const { mbPerSecond } = fault;
      return members.map((member) =>
        ordered(member, 'garbage', { fault: 'garbage', mbPerSecond }, { fault: 'garbage', mbPerSecond: 0 }),
      );
    }
    case 'clock': {
      const { offsetMs, driftPpm } = fault;
      return members.map((member) => ordered(member, 'clock', { fault: 'clock', offsetMs, driftPpm }));
    }
  }
}

function moment(member: number, subject: string, begin: Effect['begin']): Effect {
  return { member, subject, begin, ordered: false, asks: false };
}

/** An order, and the one that takes it back: without fields all is sound. */
function ordered(
  member: number,
  subject: string,
  order: Order,
  back: Order = { fault: order.fault },
): Effect {
  return {
    member,
    subject,
    ordered: true,
    asks: true,
    begin: (stage) => stage.order(member, order),
    end: (stage) => stage.order(member, back),
  };
}
