import { changedBy, patched, sameSettings, type Change, type Pace } from './change.js';
import { checkEnvelope, type EnvelopeContext, type Finding, type Verdict } from './envelope.js';
import type { ConsensusSettings, SettingName } from './fields.js';
import { OBSERVATIONS, type Observations } from './observations.js';
import { OBSERVED_RULES } from './observed-rules.js';
import { PACE_RULES } from './pace-rules.js';
import type { ObservedRule } from './rule.js';

/** A change with all that the rules of three kinds are decided by. */
export interface ProposedChange extends Change {
  readonly context: EnvelopeContext;
  readonly observations: Observations;
  readonly pace: Pace;
  /** Settings under which the cluster was available last. */
  readonly lastHealthy?: ConsensusSettings | undefined;
}

export interface ChangeVerdict extends Verdict {
  /** These settings ran healthy last: nobody refuses them, whatever the findings say. */
  readonly restoresHealthy: boolean;
  /** Failed rules that did not refuse, for a person to know. */
  readonly reported: readonly Finding[];
}

/** The agent's own measure: all three kinds refuse. */
export function judgeProposal(proposed: ProposedChange): ChangeVerdict {
  const findings = findingsOf(proposed);
  const restoresHealthy = restores(proposed);
  const failed = findings.filter(({ passed }) => !passed);
  const refusing = failed.filter(({ severity }) => severity === 'required');
  const passed = restoresHealthy || refusing.length === 0;
  const reported = restoresHealthy ? failed : failed.filter(({ severity }) => severity === 'advised');
  return { passed, findings, restoresHealthy, reported };
}

/** What a person merged: static rules refuse, the others are reported and hold nobody back. */
export function judgeMerge(merged: ProposedChange): ChangeVerdict {
  const findings = findingsOf(merged);
  const restoresHealthy = restores(merged);
  const refuses = ({ passed, kind, severity }: Finding): boolean => {
    return !restoresHealthy && !passed && kind === 'static' && severity === 'required';
  };
  const passed = !findings.some(refuses);
  const reported = findings.filter((finding) => !finding.passed && !refuses(finding));
  return { passed, findings, restoresHealthy, reported };
}

/** Every rule of the table, in its order. */
function findingsOf(proposed: ProposedChange): readonly Finding[] {
  const after = patched(proposed.base, proposed.patch);
  return [
    ...checkEnvelope(after, proposed.context).findings,
    ...checkObserved(proposed, proposed.observations),
    ...checkPace(proposed, proposed.pace),
  ];
}

/**
 * Holds a change against what was measured. A rule that the change leaves alone, or brings nearer to holding, is told as advice: a
 * cluster that breaks it today must still be tunable, in steps of at most twice.
 */
export function checkObserved(
  { base, patch }: Pick<Change, 'base' | 'patch'>,
  observations: Observations,
): readonly Finding[] {
  const changed = changedBy({ base, patch });
  return OBSERVED_RULES.map((rule) => {
    const { id, kind, reason, source } = rule;
    return {
      id,
      kind,
      reason,
      source,
      ...observedOutcome(rule, base, patched(base, patch), changed, observations),
    };
  });
}

export function checkPace(change: Change, pace: Pace): readonly Finding[] {
  return PACE_RULES.map((rule) => {
    const { id, kind, severity, reason, source } = rule;
    return { id, kind, severity, reason, source, ...rule.judge(change, pace) };
  });
}

type Outcome = Pick<Finding, 'passed' | 'severity' | 'statement'>;

function observedOutcome(
  rule: ObservedRule,
  base: ConsensusSettings,
  after: ConsensusSettings,
  changed: readonly SettingName[],
  observations: Observations,
): Outcome {
  const own = rule.settings.filter((name) => changed.includes(name));
  const touched = own.length > 0;
  const nearer = touched && own.every((name) => after[name] > base[name]);
  const missing = rule.needs.filter((name) => !isMeasured(observations[name]));
  const leftAlone = touched ? '' : '; this change leaves it alone';
  const severity = touched ? rule.severity : 'advised';
  if (missing.length > 0) {
    const named = missing.map((name) => OBSERVATIONS[name]).join(', ');
    const statement = `not measured: ${named}${nearer ? '; this change can only bring it nearer' : leftAlone}`;
    return { passed: false, severity: nearer ? 'advised' : severity, statement };
  }
  const observed = observations as Required<Observations>;
  const { greater, lesser } = rule.compare(after, observed);
  const shortfall = lesser.value - greater.value;
  const statement = `${greater.text} ${shortfall <= 0 ? '>=' : '<'} ${lesser.text}`;
  if (shortfall <= 0) return { passed: true, severity: rule.severity, statement };
  const before = rule.compare(base, observed);
  if (touched && before.lesser.value - before.greater.value > shortfall)
    return {
      passed: false,
      severity: 'advised',
      statement: `${statement}; nearer than before, a step towards it`,
    };
  return { passed: false, severity, statement: `${statement}${leftAlone}` };
}

function isMeasured(value: number | undefined): boolean {
  return value !== undefined && Number.isSafeInteger(value) && value >= 0;
}

function restores({ base, patch, lastHealthy }: ProposedChange): boolean {
  return lastHealthy !== undefined && sameSettings(patched(base, patch), lastHealthy);
}
