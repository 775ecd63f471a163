import { el, type Child } from '../elements.js';
import { moment, number } from '../format.js';
import type { ProposalSeen, WayStep } from '../wire.js';
import { distributions } from './distributions.js';

/** In these a person is waited for, or will be. */
const WAITING = new Set(['Proposed', 'Verified', 'PullRequestOpen']);

/** Over the settings before it and with it. */
function headsOf(phase: string): readonly [string, string] {
  if (phase === 'Merged' || phase === 'Applied') return ['Was', 'Is'];
  return WAITING.has(phase) ? ['Is', 'Would be'] : ['Was', 'Would have been'];
}

/** What is proposed, and whether it was seen to help. */
export function proposalParts(made: ProposalSeen, now: number): Child[] {
  const { changes, effect, risk, phase, reason, verification, branch, validUntil } = made;
  const rows = changes.map(({ setting, from, to }) =>
    el(
      'tr',
      {},
      el('th', { scope: 'row' }, setting),
      el('td', { class: 'number' }, number(from)),
      el('td', { class: 'number' }, number(to)),
    ),
  );
  const titles: Child[] = ['Setting', ...headsOf(phase)].map((title, at) =>
    el('th', { scope: 'col', class: at === 0 ? '' : 'number' }, title),
  );
  const where: Child[] =
    branch === null ? [] : [el('p', { class: 'notice' }, 'Branch: ', el('code', {}, branch))];
  const until: Child[] =
    validUntil === null || !WAITING.has(phase)
      ? []
      : [el('p', { class: 'notice' }, `It ends by itself at ${moment(validUntil, now)}.`)];
  return [
    el('p', {}, el('span', { class: 'badge' }, phase), reason),
    el(
      'table',
      { 'aria-label': 'Settings' },
      el('thead', {}, el('tr', {}, ...titles)),
      el('tbody', {}, ...rows),
    ),
    el('p', {}, effect),
    el('p', { class: 'notice' }, `Risk: ${risk}`),
    ...where,
    ...until,
    el('h4', {}, 'Verification'),
    ...(verification === null
      ? [el('p', { class: 'notice' }, 'It has not been verified yet.')]
      : [
          el(
            'p',
            {},
            el(
              'span',
              { class: `badge ${verification.result === 'Improves' ? 'good' : 'warn'}` },
              verification.result,
            ),
            verification.harmed === null ? '' : `Got worse by more than its margin: ${verification.harmed}.`,
          ),
          distributions(verification),
        ]),
  ];
}

const STATES = { done: 'done', waits: 'comes next', ahead: 'not reached', stopped: 'ended here' } as const;

/** The stations from the signal to the merge. */
export function wayList(way: readonly WayStep[], now: number): Child {
  return el(
    'ol',
    { class: 'way' },
    ...way.map(({ name, text, at, state }) =>
      el(
        'li',
        { 'data-state': state },
        el('b', {}, name),
        el('small', {}, text ?? STATES[state]),
        ...(at === null
          ? []
          : [el('small', {}, `${moment(at, now)}${state === 'stopped' ? `, ${STATES.stopped}` : ''}`)]),
      ),
    ),
  );
}
