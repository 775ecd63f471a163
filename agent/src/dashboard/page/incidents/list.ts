import { el } from '../elements.js';
import { lasting, moment } from '../format.js';
import type { IncidentLine } from '../wire.js';

/** All incidents as buttons, the newest first. */
export function incidentList(
  incidents: readonly IncidentLine[],
  now: number,
  selected: string | undefined,
  select: (id: string) => void,
): HTMLElement {
  const items = incidents.map((incident) => {
    const button = el(
      'button',
      { type: 'button', 'data-id': incident.id, 'aria-pressed': String(incident.id === selected) },
      el('b', {}, incident.classes.join(', ')),
      el('small', {}, `${moment(incident.onset, now)}, ${endOf(incident)}`),
      el('small', {}, incident.cause ?? (incident.worked ? 'No cause was found.' : 'Being worked on.')),
      ...(incident.phase === null ? [] : [el('small', {}, `Proposal: ${incident.phase}`)]),
    );
    button.addEventListener('click', () => select(incident.id));
    return el('li', {}, button);
  });
  return el('ul', { class: 'incident-list' }, ...items);
}

function endOf({ onset, endedAt }: IncidentLine): string {
  return endedAt === null ? 'still open' : `for ${lasting(endedAt - onset)}`;
}
