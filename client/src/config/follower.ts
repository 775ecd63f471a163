import { sameSettings, type ConsensusSettings } from '@aegis/replica/settings';
import { BASE, SETTINGS_PATH } from './config-folder.js';
import { judgeDocument, patchBetween, type Owner } from './document.js';
import { GitError } from './git.js';
import type { GitRepository } from './repository.js';
import { roll, sameForMembers, type RollResult, type RollStage } from './roll.js';
import type { Condition, SettingsStore } from './settings-store.js';

export interface FollowerParts {
  readonly repository: Pick<GitRepository, 'mark' | 'head' | 'file' | 'isAncestor' | 'committer'>;
  readonly store: SettingsStore;
  readonly stage: RollStage;
  readonly owner: Owner;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** For people. */
  readonly say: (line: string) => void;
}

const LOOK_MS = 1_000;
/** What could not be done is tried again after so long. */
const AGAIN_MS = 15_000;

/**
 * Follows the branch that people merge into: what its head says is judged, and brought to every replica. Unsafe settings, a history that
 * was rewritten, and settings that were taken back change nothing; the file of the store says why.
 */
export class ConfigFollower {
  /** The mark of the branch when it was looked at last. */
  private looked: string | undefined;
  private againAtMs = 0;
  private refused: string | undefined;

  constructor(private readonly parts: FollowerParts) {}

  /** Until the signal. */
  async follow(signal: AbortSignal): Promise<void> {
    const { stage, say } = this.parts;
    while (!signal.aborted) {
      try {
        await this.look(signal);
      } catch (error) {
        if (signal.aborted) return;
        say(`settings: ${(error as Error).message}`);
        this.againAtMs = stage.now() + AGAIN_MS;
      }
      await stage.sleep(LOOK_MS);
    }
  }

  /** Looks at the head of the branch, and does what it says. Whatever was cut off is gone on with at the next look. */
  async look(signal: AbortSignal): Promise<void> {
    const { repository, store, stage } = this.parts;
    const mark = repository.mark(BASE);
    const due = this.againAtMs > 0 && stage.now() >= this.againAtMs;
    if (mark === this.looked && !due) return;
    const head = await repository.head(BASE);
    this.againAtMs = 0;
    const wanted = await this.wanted(head);
    if (typeof wanted === 'string') {
      await this.settle(signal);
    } else if (this.runs(wanted)) {
      store.keep({ ...store.state, commit: head!, condition: this.condition('InSync', 'Applied', '', head) });
    } else {
      await this.apply(head!, wanted, signal);
    }
    // Before the head was read: what was pushed since is seen at the next look.
    if (!signal.aborted) this.looked = mark;
  }

  /** What the head wants, or the one word for why it is not taken over; that is written down. */
  private async wanted(head: string | undefined): Promise<ConsensusSettings | string> {
    const { repository, store, owner } = this.parts;
    const { settings, lastHealthy, commit, takenBack } = store.state;
    if (head === undefined) return this.hold('BranchMissing', `there is no branch ${BASE}`, head);
    if (commit !== null && !(await this.descends(commit, head))) {
      const message = `the branch does not descend from ${commit.slice(0, 12)}, which is applied: push a commit that does`;
      return this.hold('HistoryRewritten', message, head);
    }
    const judged = judgeDocument(await repository.file(head, SETTINGS_PATH), owner, settings, lastHealthy);
    if (judged.kind === 'refused') return this.hold(judged.reason, judged.message, head);
    if (takenBack !== undefined && sameSettings(takenBack.settings, judged.settings))
      return this.hold('TakenBack', takenBack.why, head);
    for (const rule of judged.reported)
      this.tell(`${head}: goes against what binds the agent, and not people: ${rule}`);
    return judged.settings;
  }

  private async apply(commit: string, wanted: ConsensusSettings, signal: AbortSignal): Promise<void> {
    const { repository, store, say } = this.parts;
    const by = await repository.committer(commit);
    const before = store.state.settings;
    const patch = patchBetween(before, wanted);
    const what = Object.entries(patch).map(([name, value]) => `${name} ${value}`);
    const message = `${what.join(', ') || 'the same everywhere again'}, by ${by}`;
    say(`settings of commit ${commit.slice(0, 12)} are being applied: ${message}`);
    store.keep({ ...store.state, condition: this.condition('Rolling', 'Applying', message, commit) });
    const result = await roll(this.parts.stage, before, wanted, signal, say);
    if (result.kind !== 'done') {
      await this.notDone(result, commit, wanted, signal);
      return;
    }
    for (const name of Object.keys(store.state.members)) store.give(name, wanted);
    const { changes } = store.state;
    const change = { commit, by, patch, at: this.parts.now() };
    store.keep({
      ...store.state,
      settings: wanted,
      lastHealthy: wanted,
      commit,
      condition: this.condition('InSync', 'Applied', message, commit),
      changes: Object.keys(patch).length === 0 ? changes : [...changes, change],
    });
    say(`settings of commit ${commit.slice(0, 12)} are live on every replica`);
  }

  private async notDone(
    result: Exclude<RollResult, { kind: 'done' }>,
    commit: string,
    wanted: ConsensusSettings,
    signal: AbortSignal,
  ): Promise<void> {
    const { store, stage } = this.parts;
    switch (result.kind) {
      case 'stopped':
        return;
      case 'held':
        this.hold('RollHeldUp', result.why, commit);
        this.againAtMs = stage.now() + AGAIN_MS;
        return;
      case 'taken-back':
        store.keep({ ...store.state, takenBack: { settings: wanted, why: result.why } });
        this.hold('TakenBack', result.why, commit);
        await this.settle(signal);
    }
  }

  /** Brings whoever runs something else, out of a change that ended early, back to what is in force. */
  private async settle(signal: AbortSignal): Promise<void> {
    const { store, stage, say } = this.parts;
    const { settings } = store.state;
    if (this.runs(settings)) return;
    say('settings: members go back to what was in force');
    const result = await roll(stage, settings, settings, signal, say);
    if (result.kind === 'held' || result.kind === 'taken-back') {
      say(`settings: ${result.why}`);
      this.againAtMs = stage.now() + AGAIN_MS;
    }
  }

  private runs(wanted: ConsensusSettings): boolean {
    const { settings } = this.parts.store.state;
    const everywhere = this.parts.stage.places().every((place) => sameForMembers(place.settings, wanted));
    return everywhere && sameSettings(settings, wanted);
  }

  private async descends(from: string, head: string): Promise<boolean> {
    try {
      return await this.parts.repository.isAncestor(from, head);
    } catch (error) {
      // The commit is not there any more.
      if (error instanceof GitError) return false;
      throw error;
    }
  }

  private hold(reason: string, message: string, head: string | undefined): string {
    const { store } = this.parts;
    store.keep({ ...store.state, condition: this.condition('Held', reason, message, head) });
    this.tell(`settings of commit ${head?.slice(0, 12) ?? '-'} are not applied, ${reason}: ${message}`);
    return reason;
  }

  /** Once, until something else is said. */
  private tell(line: string): void {
    if (line !== this.refused) this.parts.say(line);
    this.refused = line;
  }

  private condition(
    state: Condition['state'],
    reason: string,
    message: string,
    commit: string | undefined,
  ): Condition {
    return { state, reason, message, commit: commit ?? null, at: this.parts.now() };
  }
}
