import { group, list } from './composites.js';
import { choice, text, time, whole } from './scalars.js';
import type { TypeOf } from './schema.js';
import { optional } from './schema.js';

const conditionSchema = group('One aspect of how it is.', {
  type: text('Which aspect.', {
    min: 1,
    max: 316,
    pattern: '^([A-Za-z0-9][-A-Za-z0-9_.]*/)?[A-Za-z0-9][-A-Za-z0-9_.]*$',
  }),
  status: choice('Whether it holds.', ['True', 'False', 'Unknown']),
  observedGeneration: optional(
    whole('The generation of the object that this was concluded from.', {
      min: 0,
      max: Number.MAX_SAFE_INTEGER,
    }),
  ),
  lastTransitionTime: time('When the status changed last.'),
  reason: text('Why, as one word for programs.', {
    min: 1,
    max: 256,
    pattern: '^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$',
  }),
  message: text('Why, and what to do, as a sentence for people.', { max: 4096 }),
});

export type Condition = TypeOf<typeof conditionSchema>;

/** The conditions of a status. @param types each with what it means when it is true, for the reference page */
export function conditions(types: Readonly<Record<string, string>>) {
  const meanings = Object.entries(types).map(([type, meaning]) => `${type}: ${meaning}`);
  return list(`How it is, one entry an aspect. ${meanings.join(' ')}`, conditionSchema, {
    max: 16,
    merge: { by: ['type'] },
  });
}
