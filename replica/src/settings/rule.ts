import type { Change, Pace } from './change.js';
import type { ConsensusSettings, SettingName } from './fields.js';
import type { ObservationName, Observations } from './observations.js';

/** One side of a comparison: whole numbers, so that CEL and TypeScript agree to the last bit. */
export type Term =
  | { readonly constant: number; readonly of?: string }
  | { readonly field: SettingName; readonly times?: number; readonly perFollower?: boolean };

/** Holds when `atLeast` is not below `the`: `{ the: lesser, atLeast: greater }`. */
export interface Comparison {
  readonly greater: Term;
  readonly lesser: Term;
}

interface RuleBase {
  readonly id: string;
  /** Where the rule comes from. */
  readonly source: string;
  /** For a person who was refused by it. */
  readonly reason: string;
  /** `required` decides the verdict; `advised` is shown. */
  readonly severity: 'required' | 'advised';
}

/** Decided by the settings alone, at every layer. Data, so that the CRD's CEL is made from this very table. */
export interface StaticRule extends RuleBase {
  readonly kind: 'static';
  /** All must hold. */
  readonly comparisons: readonly Comparison[];
}

/** A number of a comparison, and how it comes about. */
export interface Side {
  readonly value: number;
  readonly text: string;
}

/** Decided against measurements, which the caller brings; the agent refuses, the operator reports. */
export interface ObservedRule extends RuleBase {
  readonly kind: 'observed';
  /** For the reference page: what must not be less than what. */
  readonly statement: string;
  /** Without these it cannot be decided. */
  readonly needs: readonly ObservationName[];
  /** The settings that it is about, each of which brings it nearer when it grows. A patch that leaves them alone is not refused by it. */
  readonly settings: readonly SettingName[];
  /** Holds when `greater` is not below `lesser`. */
  compare(
    settings: ConsensusSettings,
    observed: Required<Observations>,
  ): { readonly greater: Side; readonly lesser: Side };
}

/** Decided against what was changed lately; binds the agent, never a person. */
export interface PaceRule extends RuleBase {
  readonly kind: 'pace';
  /** For the reference page. */
  readonly statement: string;
  judge(change: Change, pace: Pace): { readonly passed: boolean; readonly statement: string };
}

export type Rule = StaticRule | ObservedRule | PaceRule;
export type RuleKind = Rule['kind'];
