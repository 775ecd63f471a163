import { MessageType, type Message } from '@aegis/replica/raft';
import type { Random } from '@aegis/replica/sim';
import type { Coverage } from './coverage.js';

/** A message under way. The Go side knows it by its number: that of the order in which messages left. */
export interface Flight {
  number: number;
  m: Message;
}

/** How messages fare for a while, as probabilities. */
export interface Weather {
  loss: number;
  duplicate: number;
  reorder: number;
}

const CAPACITY = 150;
const MEMORY = 60;

/** What is under way between all members, and some of what once was. */
export class Network {
  weather: Weather = { loss: 0, duplicate: 0, reorder: 0 };
  /** Pairs "from>to" that nothing passes. */
  readonly cut = new Set<string>();
  private readonly flights: Flight[] = [];
  /** Messages that left long ago and may still turn up. */
  private readonly old: Flight[] = [];
  private sent = 0;
  private readonly random: Random;
  private readonly coverage: Coverage;

  constructor(random: Random, coverage: Coverage) {
    this.random = random;
    this.coverage = coverage;
  }

  get size(): number {
    return this.flights.length;
  }

  /** Numbers the messages; they are not under way yet. */
  number(messages: readonly Message[]): Flight[] {
    return messages.map((m) => ({ number: this.sent++, m }));
  }

  send(flights: readonly Flight[]): void {
    this.flights.push(...flights);
    if (this.flights.length > CAPACITY) this.flights.splice(0, this.flights.length - CAPACITY);
  }

  /** The next arrival, and whether it really arrives. */
  next(): { flight: Flight; arrives: boolean } | undefined {
    const { random, coverage, flights } = this;
    if (flights.length === 0) return undefined;
    let at = 0;
    if (flights.length > 1 && random.chance(this.weather.reorder)) {
      at = 1 + random.below(flights.length - 1);
      coverage.saw('message delivered out of order');
    }
    const [flight] = flights.splice(at, 1);
    const { from, to } = flight!.m;
    if (random.chance(this.weather.loss) || this.cut.has(`${from}>${to}`)) {
      coverage.saw('message lost');
      return { flight: flight!, arrives: false };
    }
    if (random.chance(this.weather.duplicate)) {
      coverage.saw('message delivered twice');
      flights.push(flight!);
    }
    this.remember(flight!);
    return { flight: flight!, arrives: true };
  }

  private remember(flight: Flight): void {
    const keep = flight.m.type === MessageType.MsgSnap || this.random.chance(0.1);
    if (!keep) return;
    if (this.old.length < MEMORY) this.old.push(flight);
    else this.old[this.random.below(MEMORY)] = flight;
  }

  /** A message of long ago arrives once more. */
  late(): Flight | undefined {
    if (this.old.length === 0) return undefined;
    this.coverage.saw('message delivered late');
    return this.random.pick(this.old);
  }
}
