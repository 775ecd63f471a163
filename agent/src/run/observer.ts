import type { Standing } from '@aegis/client/config';
import { BOUNDS, classify } from '../classify/index.js';
import { windowOf, writeRecording, type Recording, type Scrape } from '../telemetry/index.js';
import { AgentFolderError, type AgentFolder } from './agent-folder.js';
import type { IncidentState, Work } from './records.js';
import { SlidingWindow } from './sliding-window.js';
import { NOTHING, track, type Look, type Tracked, type TrackerEvent } from './tracker.js';

/** A class stands if a signal of it was seen within so many rounds of scrapes. */
const FRESH_ROUNDS = 3;
/** So long an incident is watched before its telemetry is worked on; one that ends sooner is worked on then. */
export const GATHER_MS = 30_000;

export interface ObserverParts {
  readonly folder: AgentFolder;
  readonly scrapeMs: number;
  /** For people. */
  readonly log: (line: string) => void;
}

/** Watches one cluster: opens incidents, ends them, and lays out what there is to work on. Everything is in files before it counts. */
export class Observer {
  private readonly window: SlidingWindow;
  private tracked: Tracked = NOTHING;
  /** Members are being restarted with other settings. */
  private changing = false;

  constructor(private readonly parts: ObserverParts) {
    this.window = new SlidingWindow(parts.scrapeMs);
    this.tracked = { open: openIn(parts.folder), streak: 0 };
  }

  get open(): Tracked['open'] {
    return this.tracked.open;
  }

  /**
   * One round of scrapes, of all replicas at once.
   * @param clockBeganAt when the scrapes' clock was at zero, milliseconds since 1970
   */
  round(standing: Standing, round: readonly Scrape[], clockBeganAt: number): TrackerEvent | undefined {
    const replicas = Object.fromEntries(standing.members.map(({ name, id }) => [name, id]));
    this.window.add(replicas, round, clockBeganAt);
    const { recording, beganAt } = this.window.recording();
    const look = this.look(recording, beganAt);
    const { next, event } = track(this.tracked, look);
    this.tracked = next;
    if (event !== undefined) this.note(event);
    const due = event?.kind === 'ended' ? event.incident : next.open;
    const gathered = due !== undefined && (event?.kind === 'ended' || look.at - due.openedAt >= GATHER_MS);
    if (gathered && this.parts.folder.read('work', due.id) === undefined) {
      const work: Work = {
        id: due.id,
        target: {
          clusterId: standing.clusterId,
          namespace: standing.namespace,
          cluster: standing.cluster,
        },
        profile: standing.profile,
        replicas: standing.members.length,
        // While a change is under way nobody runs one set; what was healthy last is what is gone back to.
        base: standing.settings ?? standing.lastHealthy,
        lastHealthy: standing.lastHealthy,
        quorumMargin: marginOf(round, standing.members.length),
        beganAt,
      };
      this.parts.folder.write('recordings', due.id, { recording: writeRecording(recording) });
      this.parts.folder.write('work', due.id, work);
    }
    // What is over is no part of the next one.
    if (event?.kind === 'ended') this.window.forgetBefore(event.endedAt + 1);
    this.afterChange(standing, look.at);
    return event;
  }

  /** Restarts that a merge asked for are no fault, and what was usual before them is not any more. */
  private afterChange({ settings }: Standing, at: number): void {
    if (settings === undefined) this.changing = true;
    const { open } = this.tracked;
    const needed = open !== undefined && this.parts.folder.read('work', open.id) === undefined;
    if (settings === undefined || !this.changing || needed) return;
    this.changing = false;
    this.window.forgetBefore(at);
  }

  private look(recording: Recording, beganAt: number): Look {
    const lastMs = recording.scrapes.at(-1)?.atMs ?? 0;
    const { verdict, classes } = classify(windowOf(recording), BOUNDS);
    const freshMs = lastMs - FRESH_ROUNDS * this.parts.scrapeMs;
    const standing = classes
      .filter(({ because }) => because.some((signal) => signal.lastMs >= freshMs))
      .map((finding) => ({ class: finding.class, onset: beganAt + finding.onsetMs }));
    return { at: beganAt + lastMs, told: verdict !== 'unknown', standing };
  }

  private note(event: TrackerEvent): void {
    const { folder, log } = this.parts;
    const { incident } = event;
    const state: IncidentState = {
      ...incident,
      ...(event.kind === 'ended' ? { endedAt: event.endedAt } : {}),
    };
    const before = folder.read('incidents', incident.id) ?? {};
    folder.write('incidents', incident.id, { ...before, kind: 'Incident', version: 1, ...state });
    log(`incident ${incident.id} ${event.kind}: ${incident.classes.join(', ')}`);
  }
}

/** The newest incident, if it was open when an earlier life ended. */
function openIn(folder: AgentFolder): Tracked['open'] {
  const newest = folder.names('incidents').at(-1);
  if (newest === undefined) return undefined;
  const state = folder.read('incidents', newest)!;
  if (typeof state.openedAt !== 'number' || !Array.isArray(state.classes))
    throw new AgentFolderError(`the incident ${newest} was changed by somebody: move its file away`);
  const { id, classes, onset, openedAt, lastSeen, endedAt } = state;
  return endedAt === undefined ? { id, classes, onset, openedAt, lastSeen } : undefined;
}

/** How many replicas may still go before there is no quorum: of those that answered and know a leader. */
function marginOf(round: readonly Scrape[], members: number): number {
  const well = round.filter(({ reading }) => reading?.values['aegis_has_leader'] === 1).length;
  return Math.max(0, well - (Math.floor(members / 2) + 1));
}
