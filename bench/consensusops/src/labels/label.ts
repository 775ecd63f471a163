import type { Effect, FaultKind, IncidentClass, Where } from '@aegis/agent/diagnose';

/** What a control is: nothing is wrong in it, so that whoever sees an incident sees too much. */
export const CONTROLS = ['no-fault', 'restart', 'handover', 'load-change', 'scrape-gaps'] as const;
export type ControlKind = (typeof CONTROLS)[number];

/** What was at fault. */
export interface TrueCause {
  readonly fault: FaultKind;
  /** Whoever names one of these is right: three replicas may have slow disks. Links that are at fault both ways are listed both ways. */
  readonly at: readonly Where[];
}

/** What was true of one recording. */
export interface Label {
  /** Also the name of the file: `<id>.jsonl.gz`, a recording (docs/telemetry.md). */
  readonly id: string;
  /** Null: an incident. */
  readonly control: ControlKind | null;
  /** The name of the trace that it was drawn from. */
  readonly template: string;
  /** Drawn from it: onset, window, victim, load. */
  readonly seed: number;
  /** The template may not be looked at while methods are made. */
  readonly heldOut: boolean;
  /** More than one thing went wrong, or what is loud is not what is at fault. */
  readonly confounded: boolean;
  /** By the predicates; empty: none of them. In the order of CLASSES. */
  readonly classes: readonly IncidentClass[];
  /** Null: of a control. */
  readonly cause: TrueCause | null;
  /** What came of the cause. Of a confounded case: what was gone when the cause was taken out. Null: that was not tried. */
  readonly path: readonly Effect[] | null;
  /** Milliseconds since the recording began; null: of a control. */
  readonly injectedMs: number | null;
  /** When the last fault was undone. */
  readonly endedMs: number | null;
}

/**
 * `noise`: the machine had other things to do. `failed`: it could not be recorded. `no-impact`: clients saw nothing, or saw the same without the
 * cause. `near-bound`: too close to a bound of a predicate. `no-class`: clients saw it, and it is none of the six. `not-sound`: a control in which a predicate held.
 */
export const REASONS = ['noise', 'failed', 'no-impact', 'near-bound', 'no-class', 'not-sound'] as const;

/** Why a recording that was drawn is not in the set. */
export interface Rejection {
  readonly template: string;
  readonly seed: number;
  readonly control: ControlKind | null;
  readonly reason: (typeof REASONS)[number];
  readonly detail: string;
}

/** `sets/<name>/labels.json`. */
export interface LabelFile {
  readonly format: typeof FORMAT;
  readonly version: typeof VERSION;
  readonly set: string;
  /** All that was drawn came from it. */
  readonly seed: number;
  /** False: recorded on a machine that had other things to do as well. Such a set is for trying things out; figures of it say nothing. */
  readonly guarded: boolean;
  readonly cases: readonly Label[];
  readonly rejections: readonly Rejection[];
}

export const FORMAT = 'aegis-consensusops';
export const VERSION = 1;
