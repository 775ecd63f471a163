import type { Notice } from './notice.js';
import { post, type Surroundings, type Webhook } from './webhook.js';

/** A webhook that is away may have so many wait for it; of more, the oldest go. */
export const WAITING_MAX = 64;

export interface NotifierCounts {
  readonly sent: number;
  /** Given up, or not wanted by the other side. */
  readonly failed: number;
  /** Left out because too many waited. */
  readonly dropped: number;
}

/**
 * Tells webhooks, each in order and by itself. `send` returns at once and never throws: what a webhook does, or does not do, is no
 * concern of whoever has something to tell.
 */
export class Notifier {
  private readonly lanes: readonly Lane[];
  private readonly ended = new AbortController();

  /** @param log one line for people; it never holds an address or a token */
  constructor(
    hooks: readonly Webhook[],
    log: (line: string) => void,
    surroundings: Partial<Surroundings> = {},
  ) {
    const around: Surroundings = {
      fetch,
      sleep: (ms) => sleepUnless(ms, this.ended.signal),
      random: Math.random,
      ...surroundings,
    };
    this.lanes = hooks.map((hook) => new Lane(hook, log, around, this.ended.signal));
  }

  readonly send = (notice: Notice): void => {
    if (this.ended.signal.aborted) return;
    for (const lane of this.lanes) lane.add(notice);
  };

  get counts(): Readonly<Record<string, NotifierCounts>> {
    return Object.fromEntries(this.lanes.map((lane) => [lane.hook.name, lane.counts]));
  }

  /** When nothing waits any more. */
  async idle(): Promise<void> {
    await Promise.all(this.lanes.map((lane) => lane.idle));
  }

  /** What still waits is not sent. */
  close(): void {
    this.ended.abort();
  }
}

class Lane {
  readonly waiting: Notice[] = [];
  counts: NotifierCounts = { sent: 0, failed: 0, dropped: 0 };
  idle: Promise<void> = Promise.resolve();
  private working = false;

  constructor(
    readonly hook: Webhook,
    private readonly log: (line: string) => void,
    private readonly around: Surroundings,
    private readonly ended: AbortSignal,
  ) {}

  add(notice: Notice): void {
    this.waiting.push(notice);
    if (this.waiting.length > WAITING_MAX) {
      this.waiting.shift();
      this.count('dropped');
      if (this.counts.dropped === 1)
        this.log(`webhook ${this.hook.name}: too many notices wait; the oldest are left out`);
    }
    if (this.working) return;
    this.working = true;
    this.idle = this.work();
  }

  private async work(): Promise<void> {
    for (let next = this.waiting.shift(); next !== undefined; next = this.waiting.shift()) {
      if (this.ended.aborted) break;
      const why = await post(next, this.hook, this.around, this.ended).catch(() => 'it could not be told');
      this.count(why === undefined ? 'sent' : 'failed');
      if (why !== undefined) this.log(`webhook ${this.hook.name}: ${why}; a notice of ${next.kind} is lost`);
    }
    this.working = false;
  }

  private count(what: keyof NotifierCounts): void {
    this.counts = { ...this.counts, [what]: this.counts[what] + 1 };
  }
}

/** Ends early with the signal, and keeps no process alive. */
function sleepUnless(ms: number, ended: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    timer.unref();
    ended.addEventListener(
      'abort',
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
}
