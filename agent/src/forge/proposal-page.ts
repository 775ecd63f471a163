import type { ConsensusSettings, Patch, SettingName } from '@aegis/replica/settings';
import type { PatchProposal } from '../propose/index.js';
import type { ProposalPage, Target } from './forge.js';
import { moment, plain, table } from './markdown.js';
import { placeKey, type IncidentClass } from '../diagnose/index.js';

/** What was looked at. Milliseconds since 1970. */
export interface EvidenceWindow {
  readonly incident: string;
  readonly classes: readonly IncidentClass[];
  readonly from: number;
  readonly to: number;
  /** What speaks for the cause, each with its numbers. */
  readonly evidence: readonly string[];
}

/** What became of the cluster under both settings, in thousandths of the unit, as in the status of a TuningRecommendation. */
export interface Verification {
  readonly result: 'Improves' | 'NoDifference' | 'Harm' | 'CannotReproduce';
  readonly signal: string;
  readonly unit: string;
  readonly before: number;
  readonly after: number;
  readonly delta: number;
  readonly deltaLow: number;
  readonly deltaHigh: number;
  readonly seeds: number;
  /** The signal before and after of each pair of runs, thousandths of the unit; at most 16. Left out by older verifiers. */
  readonly pairs?: readonly (readonly [number, number])[] | undefined;
  /** Another signal that got worse by more than its margin. */
  readonly harmed?: string | undefined;
}

export interface ProposalFacts {
  readonly target: Target;
  /** Of the settings file. */
  readonly path: string;
  readonly proposal: PatchProposal;
  readonly base: ConsensusSettings;
  readonly window: EvidenceWindow;
  /** What a model says for the cause. */
  readonly rationale?: string | undefined;
  /** Undefined: nobody ran it yet, and the page says so. */
  readonly verification?: Verification | undefined;
  readonly validUntil: number;
}

/** What a person reads before they merge. The same facts give the same page. */
export function proposalPage(facts: ProposalFacts): ProposalPage {
  const { target, proposal, verification } = facts;
  const { family, patch } = proposal;
  const name = `${target.namespace}/${target.cluster}`;
  const sections = [
    rationale(facts),
    changes(facts),
    effectSection(verification),
    verdictSection(proposal),
    `## Risk\n\n${plain(proposal.risk)}`,
    rollback(facts),
    `Open until ${moment(facts.validUntil)}. Close this request to say no: the agent keeps that as evidence, and does not propose the same again for a while. It has no right to merge.`,
  ];
  return {
    target,
    family,
    patch,
    title: `Tune ${family} of ${plain(name, 100)}: ${listed(patch)}`,
    body: sections.join('\n\n'),
    labels: ['aegis', 'aegis/tuning', `aegis/${family}`],
  };
}

function rationale({ proposal, window, rationale: said }: ProposalFacts): string {
  const { fault, at, scorePermille } = proposal.cause;
  const seen = window.classes.join(', ');
  return [
    '## Why',
    '',
    plain(proposal.effect),
    '',
    `Incident ${plain(window.incident, 100)} (${seen}), evidence from ${moment(window.from)} to ${moment(window.to)}. Likeliest cause: **${fault}** at ${plain(placeKey(at), 100)}, ${scorePermille / 10} % of the weight of all causes.`,
    '',
    ...window.evidence.map((each) => `- ${plain(each, 300)}`),
    '',
    ...(said === undefined ? [] : [`A model put this cause first, and says: ${plain(said)}`, '']),
    `The change makes the cluster bear the cause and does not mend it: ${plain(proposal.action)}`,
  ].join('\n');
}

function changes({ proposal, base }: ProposalFacts): string {
  const rows = names(proposal.patch).map((name) => [
    `\`${name}\``,
    `${base[name]}`,
    `${proposal.patch[name]}`,
  ]);
  const step =
    proposal.remaining === undefined
      ? ''
      : `\n\nThis is one step; ${listed(proposal.remaining)} is what was computed from the measurements.`;
  return `## What changes\n\n${table(['setting', 'now', 'proposed'], rows)}${step}`;
}

function effectSection(verification: Verification | undefined): string {
  if (verification === undefined) return '## Effect\n\nNot verified: no run under both settings was made.';
  const { result, signal, unit, before, after, delta, deltaLow, deltaHigh, seeds } = verification;
  const of = (thousandths: number): string => `${thousandths / 1000} ${plain(unit, 32)}`;
  const row = [plain(signal, 128), of(before), of(after), of(delta), `${of(deltaLow)} to ${of(deltaHigh)}`];
  return `## Effect\n\n${table(['signal', 'before', 'after', 'difference', '95 % interval'], [row])}\n\n${result}, over ${seeds} pairs of runs with the same seeds.`;
}

function verdictSection({ verdict }: PatchProposal): string {
  const rows = verdict.findings.map(({ id, kind, passed, severity, statement }) => {
    const answer = passed ? 'passed' : severity === 'advised' ? 'advice' : 'FAILED';
    return [`\`${id}\``, kind, answer, plain(statement, 512)];
  });
  return `## Safety envelope\n\n${verdict.passed ? 'Passed.' : 'Not passed.'}\n\n<details><summary>All ${rows.length} rules</summary>\n\n${table(['rule', 'kind', 'verdict', 'numbers'], rows)}\n\n</details>`;
}

function rollback({ proposal, path }: ProposalFacts): string {
  const back = proposal.rollback;
  const yaml = names(back).map((name) => `    ${name}: ${back[name]}`);
  return [
    '## Rollback',
    '',
    'Revert the merge (the button of the forge, or this on a branch), and merge that. Going back to what ran healthy is never refused.',
    '',
    '```sh',
    `commit=$(git log -1 --first-parent --format=%H -- '${path.replaceAll(/[^\w./-]/g, '?')}')  # this merge, while nothing else changed the file`,
    'git rev-parse --quiet --verify "$commit^2" > /dev/null && mainline="--mainline 1" || mainline=',
    'git revert --no-edit $mainline "$commit"',
    '```',
    '',
    'Which puts back:',
    '',
    '```yaml',
    'spec:',
    '  consensus:',
    ...yaml,
    '```',
  ].join('\n');
}

function names(patch: Patch): SettingName[] {
  return Object.keys(patch) as SettingName[];
}

function listed(patch: Patch): string {
  return names(patch)
    .map((name) => `${name} ${patch[name]}`)
    .join(', ');
}
