import { familiesOf, type Family, type Patch } from '@aegis/replica/settings';
import { FAULTS, placeKey, type FaultKind, type IncidentClass, type Where } from '../diagnose/index.js';
import { verdictOn, type Gate, type GateVerdict } from '../envelope/index.js';
import { NO_TUNING_HERE, REMEDIES, type Tuning } from './remedies.js';

/** A cause out of a diagnosis, the likeliest first. */
export interface Diagnosed {
  readonly fault: FaultKind;
  readonly at: Where;
  /** How likely it is among those listed, in thousandths. */
  readonly scorePermille: number;
}

export interface Advice {
  readonly kind: 'advice';
  readonly cause: Diagnosed | undefined;
  /** What people have to do. */
  readonly action: string;
  /** Why there is no patch. */
  readonly why: string;
}

export interface PatchProposal {
  readonly kind: 'patch';
  readonly cause: Diagnosed;
  readonly family: Family;
  readonly patch: Patch;
  readonly rollback: Patch;
  readonly effect: string;
  readonly risk: string;
  /** What is to be done about the fault itself; the patch only makes the cluster bear it. */
  readonly action: string;
  /** Where all that is needed is more than one step: what the last step leads to. */
  readonly remaining?: Patch;
  readonly verdict: Extract<GateVerdict, { readable: true }>;
}

/** A patch that the envelope did not let pass. It is kept as evidence and goes nowhere. */
export interface RefusedProposal extends Omit<PatchProposal, 'kind'> {
  readonly kind: 'refused';
  /** The rules that refused it, with their numbers. */
  readonly why: string;
}

export type Proposal = PatchProposal | RefusedProposal | Advice;

/**
 * What to do about the likeliest cause. Only that one counts: settings that would bear a less likely cause are no answer to this
 * incident. A pure function: the same diagnosis, measurements and settings give the same proposal.
 */
export function propose(
  causes: readonly Diagnosed[],
  classes: readonly IncidentClass[],
  gate: Gate,
): Proposal {
  const cause = causes[0];
  if (cause === undefined) {
    return {
      kind: 'advice',
      cause,
      action: 'Look at the evidence of the incident: no cause was found for what was seen.',
      why: 'Settings are not changed for a cause that nobody knows.',
    };
  }
  const { action, noTuning, tune } = REMEDIES[cause.fault];
  const tuning = tune?.({ base: gate.base, observations: gate.observations, classes });
  const advised = `${FAULTS[cause.fault]} At: ${placeKey(cause.at)}. ${action}`;
  if (tuning === undefined)
    return { kind: 'advice', cause, action: advised, why: noTuning ?? NO_TUNING_HERE };
  return judged(cause, advised, tuning, gate);
}

function judged(cause: Diagnosed, action: string, tuning: Tuning, gate: Gate): Proposal {
  const { patch, needed, effect, risk } = tuning;
  const verdict = verdictOn(patch, gate);
  const [family, ...more] = familiesOf(patch);
  if (!verdict.readable || family === undefined || more.length > 0)
    throw new Error(`a remedy made no patch of one family: ${JSON.stringify(patch)}`);
  const remaining = sameNumbers(patch, needed) ? {} : { remaining: needed };
  const { rollback } = verdict;
  const made = { cause, family, patch, rollback, effect, risk, action, verdict, ...remaining };
  if (verdict.passed) return { kind: 'patch', ...made };
  const broken = verdict.findings.filter(({ passed, severity }) => !passed && severity === 'required');
  const why = broken.map(({ id, statement, reason }) => `${id}: ${statement}. ${reason}`).join(' ');
  return { kind: 'refused', ...made, why };
}

function sameNumbers(a: Patch, b: Patch): boolean {
  const names = new Set([...Object.keys(a), ...Object.keys(b)] as (keyof Patch)[]);
  return [...names].every((name) => a[name] === b[name]);
}
