import { dictionary } from './composites.js';
import { text } from './scalars.js';

const LABELS_MAX = 16;

/** Labels that objects get, or are chosen by. */
export function labels(description: string) {
  const value = text('The value of this label.', {
    max: 63,
    pattern: '^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$',
  });
  return dictionary(description, value, { max: LABELS_MAX });
}
