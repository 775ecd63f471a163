import type { Command } from '@aegis/proto/replica/command';
import type { StateHash } from '@aegis/proto/replica/peer';
import { AlarmKind } from '@aegis/proto/v1/alarm';
import type { Error as Failure } from '@aegis/proto/v1/error';

import type { StateMachine } from '../../state/index.js';
import type { Environment } from '../driver/environment.js';
import type { IntegrityEvents } from './events.js';
import { HashBook, type HashKind, judge, type Page, standingsOf, UNREADABLE } from './hash-book.js';
import { type Scrubbed, Scrubber } from './scrubber.js';

export interface IntegrityOptions {
  /** Between two scrubs of the whole cluster. */
  readonly scrubIntervalMs: number;
  readonly events: IntegrityEvents;
}

/** `failed`: why it is not known, or did not happen. */
export type Settled = (failed: Failure | undefined) => void;

export interface IntegrityParts extends IntegrityOptions {
  readonly id: number;
  readonly state: StateMachine;
  readonly environment: Environment;
  readonly leading: () => boolean;
  /** Proposes as the leader of this term; never sent on. */
  readonly propose: (command: Command, settled: Settled) => void;
  readonly tell: (to: number, hashes: readonly StateHash[]) => void;
}

/** What is known here of one scrub. */
export type ScrubStanding =
  | { readonly standing: 'unknown' | 'running' }
  | { readonly standing: 'done'; readonly chained: string; readonly contents: string };

/** The chained hash is told after every entry whose index is a multiple of this: the same ones on all members. */
export const CHECKPOINT_ENTRIES = 256;
export const INTEGRITY_INTERVAL_MS = 1000;
/** Hashes that are told at once; beyond it the oldest are left out. */
const TOLD_MAX = 64;
/** The newest ones are told again for a while: frames get lost. */
const REPEATED = 4;
const REPETITIONS = 10;
const PAGES_MAX = 512;
const SCRUBS_KEPT = 8;
/** How long a difference waits for a quorum to speak. */
const PATIENCE_MS: Readonly<Record<HashKind, number>> = { chained: 10_000, contents: 120_000 };
/** Rows take their time, and on another machine so many times what they took here. */
const SLOWER_BY = 3;

/** What became of a difference. */
interface Difference {
  readonly since: number;
  corruptSaid: boolean;
}

/**
 * Compares the state of this replica with that of the others. All of them take the chained hash at the same entries, and hash
 * their rows after each Scrub, which the leader proposes now and then; they tell each other, and each judges for itself.
 */
export class Integrity {
  readonly #parts: IntegrityParts;
  readonly #scrubber: Scrubber;
  readonly #book = new HashBook(PAGES_MAX);
  readonly #differences = new Map<Page, Difference>();
  readonly #scrubs = new Map<number, Extract<ScrubStanding, { standing: 'done' }> | { chained: string }>();
  /** Own hashes, the newest last. */
  #own: StateHash[] = [];
  #untold = 0;
  #repetitions = 0;
  #scrubbedAt: number;
  /** What the last scrub took. */
  #scrubMs = 0;
  #proposing = false;
  /** Differences up to it are those that CORRUPT was raised for. */
  #knownUpTo = 0;
  #diverged = false;

  constructor(parts: IntegrityParts) {
    this.#parts = parts;
    this.#scrubber = new Scrubber(parts);
    this.#scrubbedAt = parts.environment.monotonicMs();
  }

  /** An entry is applied; `scrub`: it asks for a scrub of the state as it is now. */
  applied(scrub: boolean): void {
    const { state } = this.#parts;
    if (scrub) this.#beginScrub();
    else if (state.appliedIndex % CHECKPOINT_ENTRIES === 0)
      this.#take('chained', state.appliedIndex, state.hash);
  }

  /** What a member says of its own state. */
  heard(from: number, hashes: readonly StateHash[]): void {
    if (!this.#members.has(from)) return;
    for (const { index, hash, contents } of hashes) {
      const value = hash.length === 0 ? UNREADABLE : hash.toString('hex');
      this.#note(contents ? 'contents' : 'chained', index, from, value);
    }
  }

  /** The state is that of a snapshot now. */
  stateReplaced(): void {
    this.#scrubber.cancel();
  }

  /** Has the cluster scrub, if this replica leads. Of one that is under way nothing new begins. */
  requestScrub(settled: Settled): void {
    if (this.#scrubber.index !== undefined) settled(undefined);
    else this.#parts.propose({ call: undefined, op: { $case: 'scrub', value: {} } }, settled);
  }

  /** The last entry that asked for a scrub; 0: none was seen. */
  get newestScrub(): number {
    return [...this.#scrubs.keys()].at(-1) ?? 0;
  }

  scrub(index: number): ScrubStanding {
    const known = this.#scrubs.get(index);
    if (known === undefined) return { standing: 'unknown' };
    return 'standing' in known ? known : { standing: 'running' };
  }

  /** Called every INTEGRITY_INTERVAL_MS. */
  tick(): void {
    this.#book.keepMembers(this.#members);
    this.#tell();
    this.#judgeAgain();
    this.#scrubInTime();
  }

  stop(): void {
    this.#scrubber.cancel();
  }

  get #members(): ReadonlySet<number> {
    return new Set(this.#parts.state.membership!.members.map(({ id }) => id));
  }

  #beginScrub(): void {
    const { state, environment, events } = this.#parts;
    const { appliedIndex: index, hash: chained } = state;
    this.#scrubbedAt = environment.monotonicMs();
    this.#take('chained', index, chained);
    this.#scrubs.set(index, { chained });
    for (const old of [...this.#scrubs.keys()].slice(0, -SCRUBS_KEPT)) this.#scrubs.delete(old);
    events.scrubbing(index);
    this.#scrubber.begin((scrubbed) => this.#scrubbed(chained, scrubbed));
  }

  #scrubbed(chained: string, { index, hash, reason, elapsedMs }: Scrubbed): void {
    const contents = hash ?? UNREADABLE;
    this.#scrubMs = elapsedMs;
    this.#scrubs.set(index, { standing: 'done', chained, contents });
    this.#parts.events.scrubbed(index, hash, elapsedMs, reason);
    this.#take('contents', index, contents);
  }

  /** A hash of the own state. */
  #take(kind: HashKind, index: number, value: string): void {
    const hash = value === UNREADABLE ? Buffer.alloc(0) : Buffer.from(value, 'hex');
    this.#own.push({ index, hash, contents: kind === 'contents' });
    if (this.#own.length > TOLD_MAX) this.#own = this.#own.slice(-TOLD_MAX);
    this.#untold = Math.min(this.#untold + 1, this.#own.length);
    this.#repetitions = REPETITIONS;
    this.#note(kind, index, this.#parts.id, value);
  }

  #tell(): void {
    const { id, tell } = this.#parts;
    const wanted = Math.max(this.#untold, this.#repetitions > 0 ? REPEATED : 0);
    const hashes = wanted === 0 ? [] : this.#own.slice(-wanted);
    this.#untold = 0;
    if (this.#repetitions > 0) this.#repetitions--;
    if (hashes.length === 0) return;
    for (const member of this.#members) if (member !== id) tell(member, hashes);
  }

  #note(kind: HashKind, index: number, member: number, value: string): void {
    const page = this.#book.note(kind, index, member, value);
    if (page === undefined) return;
    this.#judge(page);
    const everybody = [...this.#members].every((id) => page.values.has(id));
    if (everybody && new Set(page.values.values()).size === 1 && value !== UNREADABLE)
      this.#parts.events.agreed(kind, index);
  }

  #judgeAgain(): void {
    const { state } = this.#parts;
    const kept = new Set(this.#book.pages);
    for (const page of this.#differences.keys()) {
      if (kept.has(page)) this.#judge(page);
      else this.#differences.delete(page);
    }
    if (state.corrupt) this.#knownUpTo = state.appliedIndex;
  }

  #judge(page: Page): void {
    const { id, state, environment, events } = this.#parts;
    const now = environment.monotonicMs();
    const known = this.#differences.get(page);
    const slowest = page.kind === 'contents' ? SLOWER_BY * this.#scrubMs : 0;
    const late = known !== undefined && now - known.since >= PATIENCE_MS[page.kind] + slowest;
    const judgement = judge(page, state.membership!.confState, late);
    if (judgement.verdict === 'same') return;
    const difference = known ?? { since: now, corruptSaid: false };
    if (known === undefined) {
      this.#differences.set(page, difference);
      events.mismatch(page.kind, page.index, standingsOf(page));
    }
    if (judgement.verdict === 'quorum') this.#compareOwn(page, judgement.value, id);
    if (judgement.verdict === 'none') this.#tellCorrupt(page, difference);
  }

  #compareOwn(page: Page, quorum: string, id: number): void {
    const own = page.values.get(id);
    if (own === undefined || own === quorum || this.#diverged) return;
    this.#diverged = true;
    const { kind, index } = page;
    this.#parts.events.diverged({ kind, index, own, quorum, members: standingsOf(page).get(quorum)! });
  }

  /** All may come to it; the leader alone raises the alarm. */
  #tellCorrupt(page: Page, difference: Difference): void {
    const { id, state, leading, propose, events } = this.#parts;
    if (!difference.corruptSaid) {
      difference.corruptSaid = true;
      events.corrupt(page.kind, page.index, standingsOf(page));
    }
    if (state.corrupt || this.#proposing || !leading() || page.index <= this.#knownUpTo) return;
    this.#proposing = true;
    const value = { alarm: { kind: AlarmKind.CORRUPT, memberId: id }, raised: true };
    propose({ call: undefined, op: { $case: 'setAlarm', value } }, () => {
      this.#proposing = false;
    });
  }

  #scrubInTime(): void {
    const { environment, leading, scrubIntervalMs } = this.#parts;
    const now = environment.monotonicMs();
    if (!leading() || this.#scrubber.index !== undefined || now - this.#scrubbedAt < scrubIntervalMs) return;
    this.#scrubbedAt = now;
    this.requestScrub(() => {});
  }
}
