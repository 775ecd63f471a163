import { el, type Child } from '../elements.js';
import { lasting, moment } from '../format.js';
import type { IncidentDetail } from '../wire.js';
import { causePath, causesList } from './causes.js';
import { proposalParts, wayList } from './proposal.js';
import { signalsTable } from './signals.js';

/** All that is known of one incident. */
export function detailParts(incident: IncidentDetail, now: number): Child[] {
  const { id, classes, onset, endedAt, signals, causes, path, evidence, advice, proposal, way, postmortem } =
    incident;
  const lasted = endedAt === null ? 'still open' : `for ${lasting(endedAt - onset)}`;
  return [
    el('h3', { id: 'incident-title' }, classes.join(', ')),
    el('p', { class: 'notice' }, `${id}, from ${moment(onset, now)}, ${lasted}`),
    el('h4', {}, 'From signal to merge'),
    wayList(way, now),
    el('h4', {}, 'Signals'),
    signalsTable(signals),
    el('h4', {}, 'Causes'),
    causesList(causes),
    ...(evidence.length === 0
      ? []
      : [el('details', {}, el('summary', {}, 'What the first cause rests on'), listOf(evidence))]),
    el('h4', {}, 'What came of the first cause'),
    causePath(causes[0], path),
    ...(advice === null ? [] : [el('h4', {}, 'What people can do'), el('p', {}, advice)]),
    el('h4', {}, 'Proposal'),
    ...(proposal === null
      ? [el('p', { class: 'notice' }, 'No setting is proposed for it.')]
      : proposalParts(proposal, now)),
    ...(postmortem === null
      ? []
      : [el('p', { class: 'notice' }, 'Postmortem: ', el('code', {}, postmortem))]),
  ];
}

function listOf(texts: readonly string[]): HTMLElement {
  return el('ul', {}, ...texts.map((text) => el('li', {}, text)));
}
