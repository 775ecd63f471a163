import assert from 'node:assert/strict';
import type { ConsensusSettings } from './fields.js';
import type { Comparison, RuleKind, StaticRule, Term } from './rule.js';
import { STATIC_RULES } from './rules.js';

/** What the rules must know besides the settings. */
export interface EnvelopeContext {
  /** Members of the cluster; the leader has one follower fewer. */
  readonly replicas: number;
}

/** One rule's answer. */
export interface Finding {
  readonly id: string;
  readonly kind: RuleKind;
  readonly severity: 'required' | 'advised';
  readonly passed: boolean;
  readonly reason: string;
  readonly source: string;
  /** The comparison with its numbers, as "electionTimeoutMs 1000 >= 5 x heartbeatIntervalMs 100 = 500". */
  readonly statement: string;
}

export interface Verdict {
  /** Whether every required rule passed. */
  readonly passed: boolean;
  /** Every rule that was asked, passed or failed, in the table's order. */
  readonly findings: readonly Finding[];
}

/** The largest cluster there is: what holds for it holds for the smaller ones. */
const REPLICAS_MAX = 7;

/** Holds the settings against every static rule. */
export function checkEnvelope(
  settings: ConsensusSettings,
  context: EnvelopeContext = { replicas: REPLICAS_MAX },
): Verdict {
  const findings = STATIC_RULES.map((rule) => check(rule, settings, context));
  return { passed: findings.every(({ passed, severity }) => passed || severity === 'advised'), findings };
}

function check(rule: StaticRule, settings: ConsensusSettings, context: EnvelopeContext): Finding {
  const { id, kind, severity, reason, source, comparisons } = rule;
  const passed = comparisons.every(({ greater, lesser }) => {
    return valueOf(greater, settings, context) >= valueOf(lesser, settings, context);
  });
  const statement = comparisons.map((comparison) => describe(comparison, settings, context)).join(', ');
  return { id, kind, severity, passed, reason, source, statement };
}

function valueOf(term: Term, settings: ConsensusSettings, context: EnvelopeContext): number {
  const value = 'constant' in term ? term.constant : settings[term.field] * factorOf(term, context);
  assert(Number.isSafeInteger(value), 'the envelope computes with whole numbers only');
  return value;
}

function factorOf(
  term: { readonly times?: number; readonly perFollower?: boolean },
  context: EnvelopeContext,
): number {
  return (term.times ?? 1) * (term.perFollower ? Math.max(0, context.replicas - 1) : 1);
}

function describe(
  { greater, lesser }: Comparison,
  settings: ConsensusSettings,
  context: EnvelopeContext,
): string {
  const [left, right] = [greater, lesser].map((term) => describeTerm(term, settings, context));
  const holds = valueOf(greater, settings, context) >= valueOf(lesser, settings, context);
  return `${left} ${holds ? '>=' : '<'} ${right}`;
}

function describeTerm(term: Term, settings: ConsensusSettings, context: EnvelopeContext): string {
  if ('constant' in term)
    return term.of === undefined ? String(term.constant) : `${term.of} ${term.constant}`;
  const factor = factorOf(term, context);
  const text = `${term.field} ${settings[term.field]}`;
  return factor === 1 ? text : `${factor} x ${text} = ${valueOf(term, settings, context)}`;
}
