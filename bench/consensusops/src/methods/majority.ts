import type { FaultKind, IncidentClass } from '@aegis/agent/diagnose';
import type { Label } from '../labels/index.js';
import type { Answer, Method } from './method.js';

/** Always says what was most often true of the incidents that it was shown; the place is whoever leads most of the time. */
export function majority(shown: readonly Label[]): Method {
  const incidents = shown.filter(({ control }) => control === null);
  const classes = mostOften(incidents.map((label) => JSON.stringify(label.classes)));
  const said = classes === undefined ? [] : (JSON.parse(classes) as IncidentClass[]);
  const fault = mostOften(incidents.flatMap(({ cause }) => (cause === null ? [] : [cause.fault])));
  const share =
    incidents.length === 0
      ? 0
      : incidents.filter((label) => label.cause?.fault === fault).length / incidents.length;
  const clients = incidents.some(({ cause }) => cause?.fault === fault && cause?.at.includes('clients'));
  return {
    name: 'majority class',
    about: 'The classes and the fault that are most frequent in the development set, whatever is recorded.',
    grid: {},
    judge({ replicas }): Answer {
      const leading = [...replicas].sort((a, b) => led(b.features.leads) - led(a.features.leads))[0];
      if (fault === undefined || leading === undefined) return { classes: said, causes: [], path: [] };
      const at = clients ? 'clients' : { replica: leading.name };
      return {
        classes: said,
        causes: [{ fault: fault as FaultKind, at, confidence: share }],
        path: said.map((effect) => ({ effect, at })),
      };
    },
  };
}

const led = (leads: Iterable<number>): number => [...leads].filter((value) => value === 1).length;

function mostOften(values: readonly string[]): string | undefined {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))[0]?.[0];
}
