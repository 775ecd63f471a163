import { changedBy } from './change.js';
import { familiesOf } from './families.js';
import type { PaceRule } from './rule.js';

const DESIGN = 'AEGIS design, section 4';
/** A patch changes a number to at most this many times, and at least the same part, of what it was. */
const STEP = 2;

/** How fast the agent may change things. A person is told, and never held back. */
export const PACE_RULES: readonly PaceRule[] = [
  {
    id: 'pace-one-family',
    kind: 'pace',
    severity: 'required',
    source: DESIGN,
    reason: 'When two things change at once nobody can say which of them helped.',
    statement: 'a patch changes settings of exactly one family',
    judge: (change) => {
      const changed = changedBy(change);
      const families = familiesOf(Object.fromEntries(changed.map((name) => [name, 1])));
      const listed = families.length === 0 ? 'none' : families.join(', ');
      return {
        passed: families.length === 1,
        statement: `families changed: ${listed}; exactly 1 is allowed`,
      };
    },
  },
  {
    id: 'pace-at-most-double',
    kind: 'pace',
    severity: 'required',
    source: DESIGN,
    reason: 'A step of more than twice leaves what measurements were made under.',
    statement: 'no setting becomes more than 2 x, or less than half, of what it is (0 counts as 1)',
    judge: ({ base, patch }) => {
      const changed = changedBy({ base, patch });
      const steps = changed.map((name) => {
        const [before, after] = [Math.max(1, base[name]), Math.max(1, patch[name]!)];
        return {
          passed: after <= STEP * before && STEP * after >= before,
          text: `${name} ${base[name]} to ${patch[name]}`,
        };
      });
      const wide = steps.filter(({ passed }) => !passed);
      const shown = wide.length > 0 ? wide : steps;
      const verb = wide.length > 0 ? 'beyond' : 'within';
      const listed = shown.map(({ text }) => text).join(', ') || 'nothing changed';
      return { passed: wide.length === 0, statement: `${listed}: ${verb} a factor of ${STEP}` };
    },
  },
  {
    id: 'pace-dwell',
    kind: 'pace',
    severity: 'required',
    source: DESIGN,
    reason: 'What the last change did must be seen before the next one.',
    statement: 'the last change of settings is at least the dwell time ago',
    judge: (_, { now, lastChangeAt, dwellMs }) => {
      if (lastChangeAt === undefined)
        return { passed: true, statement: `no change before; dwell time ${dwellMs} ms` };
      const since = now - lastChangeAt;
      const passed = since >= dwellMs;
      return {
        passed,
        statement: `last change ${since} ms ago ${passed ? '>=' : '<'} dwell time ${dwellMs} ms`,
      };
    },
  },
  {
    id: 'pace-quorum-margin',
    kind: 'pace',
    severity: 'required',
    source: DESIGN,
    reason:
      'A change restarts members one after the other; where none can be missed it would stop the cluster.',
    statement: 'at least one member can be lost before the quorum is',
    judge: (_, { quorumMargin }) => ({
      passed: quorumMargin !== undefined && quorumMargin >= 1,
      statement:
        quorumMargin === undefined
          ? 'the quorum margin is not known; at least 1 is needed'
          : `quorum margin ${quorumMargin} ${quorumMargin >= 1 ? '>=' : '<'} 1`,
    }),
  },
  {
    id: 'pace-rollback',
    kind: 'pace',
    severity: 'required',
    source: DESIGN,
    reason: 'Whoever merges a change must have the way back in hand.',
    statement: 'the proposal has the rollback that puts every changed setting back, and touches no other',
    judge: ({ base, patch, rollback }) => {
      const named = Object.keys(patch).filter((name) => patch[name as keyof typeof patch] !== undefined);
      const back = Object.keys(rollback);
      const missing = named.filter((name) => {
        return rollback[name as keyof typeof rollback] !== base[name as keyof typeof base];
      });
      const foreign = back.filter((name) => !named.includes(name));
      const wrong = [
        ...missing.map((name) => `${name} is not put back to ${base[name as keyof typeof base]}`),
        ...foreign.map((name) => `${name} is not of the patch`),
      ];
      return {
        passed: wrong.length === 0,
        statement:
          wrong.length === 0 ? `rollback of ${named.join(', ') || 'nothing'} is there` : wrong.join(', '),
      };
    },
  },
];
