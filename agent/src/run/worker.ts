import { familiesOf, resolveSettings, type Patch } from '@aegis/replica/settings';
import type { Standing, SupervisorSocket, VerifyInput } from '@aegis/client/config';
import { EvidenceError, type EvidenceLog, type EvidenceRecord } from '../evidence/index.js';
import { ForgeRefusal, type Forge, type RequestState, type Verification } from '../forge/index.js';
import { followUp, runIncident, type Incident, type LoopParts, type Unverified } from '../graph/index.js';
import {
  decide,
  type HistoryEntry,
  type OpenProposal,
  type PolicyConfig,
  type Proposal,
} from '../propose/index.js';
import { readRecording } from '../telemetry/index.js';
import { EnvironmentError } from '../counterfactual/environment.js';
import type { AgentFolder } from './agent-folder.js';
import { findingsOf, outputOf, recommendationOf, type Ended, type Work } from './records.js';
import { readVerification } from './verification.js';

export interface WorkerParts {
  readonly folder: AgentFolder;
  readonly evidence: EvidenceLog;
  readonly forge: Forge;
  readonly supervisor: Pick<SupervisorSocket, 'standing' | 'verify'>;
  /** Of the settings file, for the rollback. */
  readonly path: string;
  readonly policy: PolicyConfig;
  /** What a verifier is asked, as docs/counterfactual.md says. The same for the same incident and patch. */
  readonly question: (incident: Incident, patch: Patch) => string;
  readonly now: () => number;
  /** Milliseconds; ends early when the agent ends. */
  readonly sleep: (ms: number) => Promise<void>;
  readonly signal: AbortSignal;
  readonly log: (line: string) => void;
  /** What may be added to the loop: runbooks, a model, whom to tell. */
  readonly aides?: Pick<LoopParts, 'runbooks' | 'model' | 'notify'> | undefined;
}

const VERIFY_POLL_MS = 2_000;

/**
 * Takes incidents through the loop and follows what people make of proposals. What it knows is in the evidence: a life that was cut off
 * anywhere is continued by asking again.
 */
export class Worker {
  private changes: Standing['changes'] = [];
  /** Incidents about which nothing is left to do, but to forget them some day. */
  private readonly settled = new Set<string>();

  constructor(private readonly parts: WorkerParts) {}

  /** Works on whatever is laid out and not done, one incident after the other. Throws what a step throws; asked again it goes on. */
  async work(): Promise<void> {
    const { folder, evidence, forge, path, policy, now, log, aides } = this.parts;
    // What is worked on outlives a loss of power before anything is done about it.
    await folder.synced();
    for (const name of folder.names('work')) {
      if (this.parts.signal.aborted) return;
      if (this.settled.has(name)) continue;
      if (findingsOf(this.recordsOf(name)).worked) {
        this.tell(name);
        this.settle(name);
        continue;
      }
      this.changes = (await this.parts.supervisor.standing()).changes;
      const incident = this.incidentOf(folder.read('work', name)!);
      const history = () => this.history(incident.target.clusterId);
      const open = () => this.open(incident.target.clusterId);
      const verify = (what: Incident, patch: Patch) => this.verify(what, patch);
      try {
        const result = await runIncident(incident, {
          ...{ evidence, forge, path, policy, now, history, open, verify, ...aides },
        });
        log(`incident ${name}: ${result.kind}${'why' in result ? `: ${result.why}` : ''}`);
        this.supersede(name);
      } finally {
        this.tell(name);
      }
    }
    folder.forgetOldest((name) => this.settled.has(name));
  }

  /** Looks what became of proposals, ends those whose time is over, and writes all of it down. */
  async follow(): Promise<void> {
    const { folder, evidence, forge, now, log } = this.parts;
    const notify = this.parts.aides?.notify;
    const standing = await this.parts.supervisor.standing();
    this.changes = standing.changes;
    for (const name of folder.names('work')) {
      const records = this.recordsOf(name);
      if (outputOf(records, 'publish') === undefined || outputOf(records, 'ended') !== undefined) continue;
      if (this.settled.has(name)) continue;
      const work = folder.read('work', name)!;
      const state = await followUp({ id: name, target: work.target }, { evidence, forge, now, notify });
      if (state?.state === 'Merged' && outputOf(records, 'applied') === undefined) {
        const { patch } = tuningOf(records);
        const runs = Object.entries(patch).every(([setting, value]) => {
          return standing.settings?.[setting as keyof Patch] === value;
        });
        if (runs) {
          evidence.append(now(), name, 'applied', { commit: state.commit });
          log(`incident ${name}: what was proposed is merged by ${state.mergedBy} and applied`);
        }
      }
      this.tell(name);
    }
    await this.endOverdue(standing);
  }

  /** Of proposals that nobody merged in time, or whose settings are no more, the branches go. */
  private async endOverdue(standing: Standing): Promise<void> {
    const { evidence, forge, now, policy, folder } = this.parts;
    if (standing.settings === undefined) return;
    const { end } = decide(
      {
        now: now(),
        cluster: standing.clusterId,
        base: standing.settings,
        classes: [],
        wanted: undefined,
        open: this.open(standing.clusterId),
        history: [],
      },
      policy,
    );
    for (const { id, phase, reason } of end) {
      const work = folder.read('work', id);
      const { family } = tuningOf(this.recordsOf(id));
      if (work === undefined) continue;
      const state = await forge.withdraw(work.target, family, reason);
      // Merged at this very moment: that goes before.
      if (state?.state === 'Merged') continue;
      evidence.append(now(), id, 'ended', { phase, reason } satisfies Ended);
      this.tell(id);
    }
  }

  /** The branch of a family belongs to its newest proposal. */
  private supersede(newest: string): void {
    const { evidence, now } = this.parts;
    const published = outputOf(this.recordsOf(newest), 'publish');
    if (published === undefined) return;
    for (const name of this.parts.folder.names('work')) {
      const records = this.recordsOf(name);
      const other = outputOf(records, 'publish');
      const outcome = outputOf(records, 'outcome');
      const open = outcome === undefined || outcome.state === 'Open';
      if (name === newest || other?.branch !== published.branch || !open) continue;
      if (outputOf(records, 'ended') !== undefined) continue;
      evidence.append(now(), name, 'ended', { phase: 'Superseded', reason: `By ${newest}.` } satisfies Ended);
      this.tell(name);
    }
  }

  private async verify(incident: Incident, patch: Patch): Promise<Verification | Unverified> {
    const { supervisor, sleep, signal, question } = this.parts;
    let input: VerifyInput;
    try {
      input = { incident: incident.id, question: question(incident, patch) };
    } catch (error) {
      if (!(error instanceof EnvironmentError)) throw error;
      return { result: 'NotVerified', why: error.message };
    }
    for (;;) {
      const said = await supervisor.verify(input);
      if (said.state === 'done') return readVerification(said.result);
      await sleep(VERIFY_POLL_MS);
      signal.throwIfAborted();
    }
  }

  /** What was published is settled when a person or the agent ended it, all else when it was worked on. */
  private settle(name: string): void {
    const records = this.recordsOf(name);
    const closed = outputOf(records, 'outcome')?.state === 'Closed';
    const over =
      closed || (['applied', 'ended'] as const).some((step) => outputOf(records, step) !== undefined);
    if (outputOf(records, 'publish') === undefined || over) this.settled.add(name);
  }

  /** Writes for people what the evidence says. */
  private tell(name: string): void {
    const { folder } = this.parts;
    const records = this.recordsOf(name);
    const state = folder.read('incidents', name);
    if (state !== undefined && records.length > 0)
      folder.write('incidents', name, { ...state, ...findingsOf(records) });
    const work = folder.read('work', name);
    const recommendation = work === undefined ? undefined : recommendationOf(records, work.target);
    if (recommendation !== undefined) folder.write('recommendations', name, recommendation);
  }

  private incidentOf(work: Work): Incident {
    const { id, target, beganAt, profile, replicas, lastHealthy, quorumMargin } = work;
    const { recording } = this.parts.folder.read('recordings', id) ?? { recording: '' };
    return {
      ...{ id, target, beganAt, profile, replicas, lastHealthy, quorumMargin },
      base: work.base ?? resolveSettings(profile),
      recording: readRecording(recording, `the recording of ${id}`),
    };
  }

  /** What became of earlier proposals, and what people changed by themselves. */
  private history(cluster: string): HistoryEntry[] {
    const own = this.parts.folder.names('work').flatMap((name): HistoryEntry[] => {
      const records = this.recordsOf(name);
      const target = this.parts.folder.read('work', name)!.target;
      const made = recommendationOf(records, target);
      const at = records.at(-1)?.at;
      if (made === undefined || at === undefined) return [];
      const became = becameOf(made.phase, outputOf(records, 'outcome')?.state);
      if (became === undefined) return [];
      return [{ cluster: target.clusterId, family: made.family, patch: made.patch, at, became }];
    });
    const changed = this.changes.flatMap(({ patch, at }): HistoryEntry[] => {
      return familiesOf(patch).map((family) => ({ cluster, family, patch, at, became: 'Applied' }));
    });
    return [...own, ...changed];
  }

  private open(cluster: string): OpenProposal[] {
    return this.parts.folder.names('work').flatMap((name): OpenProposal[] => {
      const work = this.parts.folder.read('work', name)!;
      const made = recommendationOf(this.recordsOf(name), work.target);
      if (made?.phase !== 'PullRequestOpen' || work.target.clusterId !== cluster) return [];
      const { id, family, patch, validUntil = 0 } = made;
      const base = work.base ?? resolveSettings(work.profile);
      return [{ id, cluster, family, base, patch, validUntil }];
    });
  }

  private recordsOf(name: string): readonly EvidenceRecord[] {
    return this.parts.evidence.records.filter(({ incident }) => incident === name);
  }
}

/** Of an incident for which one was made. */
function tuningOf(records: readonly EvidenceRecord[]): Exclude<Proposal, { kind: 'advice' }> {
  const proposal = outputOf(records, 'propose');
  if (proposal === undefined || proposal.kind === 'advice')
    throw new EvidenceError(`what was published for ${records[0]?.incident} is not in the evidence`);
  return proposal;
}

function becameOf(
  phase: string,
  outcome: RequestState['state'] | undefined,
): HistoryEntry['became'] | undefined {
  if (outcome === 'Closed') return 'Closed';
  switch (phase) {
    case 'Rejected':
    case 'CannotReproduce':
    case 'Expired':
    case 'Superseded':
      return phase;
    // What was applied is among the supervisor's changes already.
    default:
      return undefined;
  }
}

/** Whether asking again may help. */
export function passes(error: unknown): boolean {
  return !(error instanceof ForgeRefusal);
}
