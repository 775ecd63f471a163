import type { Standing } from '@aegis/client/config';
import { setTimeout as wait } from 'node:timers/promises';
import { ask } from '../../telemetry/scrape.js';
import type { Live } from '../page/wire.js';
import { Readings } from './readings.js';
import { LIVE_METRICS, replicasOf } from './replicas.js';

export const LOOK_EVERY_MS = 500;
/** One that is silent is not waited for: the others are shown meanwhile. */
const ANSWER_MS = 2_000;

/** What is known of the cluster at a moment, and whether the supervisor still says so. */
export interface Known {
  readonly standing: Standing;
  readonly supervisor: string | null;
}

interface Seat {
  readonly url: string;
  readonly readings: Readings;
  answeredAt: number | null;
  asking: boolean;
}

/** Looks at the replicas twice a second, from `start` to `stop`. */
export class LiveWatch {
  readonly #seats = new Map<string, Seat>();
  #timer: NodeJS.Timeout | undefined;
  #stopped = new AbortController();

  /**
   * @param known undefined: the supervisor has not answered yet
   * @param told called after each look
   */
  constructor(
    private readonly known: () => Known | undefined,
    private readonly told: (live: Live) => void,
  ) {}

  start(): void {
    if (this.#timer !== undefined) return;
    this.#seats.clear();
    this.#stopped = new AbortController();
    this.#timer = setInterval(() => this.#look(), LOOK_EVERY_MS);
    this.#look();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#stopped.abort();
  }

  /** Tells what is known, and asks everybody who is not being asked. */
  #look(): void {
    const known = this.known();
    if (known === undefined) {
      this.told({ at: Date.now(), cluster: null, supervisor: 'it has not answered yet', replicas: [] });
      return;
    }
    const { standing, supervisor } = known;
    const asked = standing.members.flatMap((member) => this.#ask(this.#seatOf(member)));
    const tell = (): void => {
      if (this.#stopped.signal.aborted) return;
      const { clusterId: id, namespace, cluster: name, profile } = standing;
      const replicas = replicasOf(standing.members.map((member) => ({ member, ...this.#seatOf(member) })));
      this.told({ at: Date.now(), cluster: { id, namespace, name, profile }, supervisor, replicas });
    };
    // Those that answer do so at once; whoever has not by then is shown as it was.
    void Promise.race([Promise.all(asked), wait(LOOK_EVERY_MS / 2)]).then(tell);
  }

  #seatOf({ name, metrics }: Standing['members'][number]): Seat {
    const known = this.#seats.get(name);
    if (known?.url === metrics) return known;
    const seat: Seat = { url: metrics, readings: new Readings(), answeredAt: null, asking: false };
    this.#seats.set(name, seat);
    return seat;
  }

  #ask(seat: Seat): Promise<void>[] {
    if (seat.asking) return [];
    seat.asking = true;
    const query = LIVE_METRICS.map((name) => `name[]=${name}`).join('&');
    const { signal } = this.#stopped;
    const asked = ask(`${seat.url}?${query}`, ANSWER_MS, signal).then(({ reading, missing }) => {
      seat.asking = false;
      if (signal.aborted) return;
      if (reading === undefined) seat.readings.none(missing ?? 'no answer');
      else {
        seat.readings.add(performance.now(), reading);
        seat.answeredAt = Date.now();
      }
    });
    return [asked];
  }
}
