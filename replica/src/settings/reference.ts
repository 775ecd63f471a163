import { OBSERVED_RULES } from './observed-rules.js';
import { FAMILIES } from './families.js';
import { PACE_RULES } from './pace-rules.js';
import type { Comparison, Rule, Term } from './rule.js';
import { STATIC_RULES } from './rules.js';

/** The safety envelope as Markdown, for docs/safety-envelope.md. */
export function renderEnvelope(): string {
  return `${[...INTRODUCTION, ...section('Static rules', STATIC, STATIC_RULES), ...section('Observed rules', OBSERVED, OBSERVED_RULES), ...section('Rules of pace', PACE, PACE_RULES), ...families()].join('\n')}\n`;
}

const INTRODUCTION = [
  '# The safety envelope',
  '',
  'What settings of a cluster may be, and who refuses the others. This page is written from the table in `replica/src/settings`',
  '(`npm run docs`): the rules that the agent, the API server, the operator and the replicas enforce are these very ones.',
  '',
  '| kind | decided by | agent | API server (CEL) | operator | replica at start |',
  '| --- | --- | --- | --- | --- | --- |',
  '| static | the settings, the profile and the number of members | refuses | refuses | refuses | refuses |',
  '| observed | what was measured | refuses | – | reports | – |',
  '| pace | what was changed lately | refuses | – | reports | – |',
  '',
  'A verdict lists every rule, passed or failed, with its numbers. Rules marked *advised* are shown and refuse nothing. Going back to',
  'the settings under which the cluster was available last is never refused by the agent or the operator.',
  '',
  'All numbers are whole, and every layer computes with whole numbers alone. A setting that is not given counts as the default of the',
  'profile. `followers` is the number of members less one; a replica takes it from its bootstrap record.',
];

const STATIC = 'Decided by the settings alone, wherever they enter.';
const OBSERVED =
  'Decided against measurements; the worst member or link counts. What was not measured cannot be judged, and counts as failed. A rule whose settings a change leaves alone, or that a change can only bring nearer to holding, is told as advice: a cluster that breaks it today must still be tunable.';
const PACE = 'They bind the agent. A person is never held back by them.';

function section(title: string, text: string, rules: readonly Rule[]): string[] {
  const rows = rules.map((rule) => {
    const advised = rule.severity === 'advised' ? ' (advised)' : '';
    return `| \`${rule.id}\`${advised} | ${statementOf(rule)} | ${rule.reason} | ${rule.source} |`;
  });
  return [
    '',
    `## ${title}`,
    '',
    text,
    '',
    '| rule | what must hold | why | source |',
    '| --- | --- | --- | --- |',
    ...rows,
  ];
}

function statementOf(rule: Rule): string {
  if (rule.kind !== 'static') return rule.statement;
  return rule.comparisons.map(comparison).join(' and ');
}

function comparison({ greater, lesser }: Comparison): string {
  return `${term(greater)} >= ${term(lesser)}`;
}

function term(side: Term): string {
  if ('constant' in side) return side.of === undefined ? `${side.constant}` : `${side.of} ${side.constant}`;
  const factors = [side.times, side.perFollower === true ? 'followers' : undefined, side.field];
  return factors.filter((factor) => factor !== undefined).join(' x ');
}

function families(): string[] {
  const rows = Object.entries(FAMILIES).map(([family, names]) => {
    return `| ${family} | ${names.map((name) => `\`${name}\``).join(', ')} |`;
  });
  return [
    '',
    '## Families',
    '',
    'Settings that are tuned together.',
    '',
    '| family | settings |',
    '| --- | --- |',
    ...rows,
  ];
}
