import { frozen } from '../cel/changes.js';
import { envelopeRules, type SettingsInCel } from '../cel/envelope.js';
import { CLUSTER_SIZES } from '../cluster/spec.js';
import { allSettings, someSettings } from '../cluster/consensus.js';
import { group, list } from '../schema/composites.js';
import { clusterRef } from '../schema/references.js';
import { choice, flag, objectName, oneNumberOf, text, time } from '../schema/scalars.js';
import { optional, type TypeOf } from '../schema/schema.js';

/** One knob family at a time: no more settings belong together than this. */
const PATCH_FIELDS_MAX = 4;
/** A trace has 64 Ki characters at most, and the rest is numbers. It has to fit into a ConfigMap and beside others into an object. */
export const QUESTION_CHARACTERS_MAX = 128 * 1024;

const finding = group("One rule's answer.", {
  id: text('The rule.', { min: 1, max: 63 }),
  kind: choice('What it is decided by: the settings alone, measurements, or what was changed lately.', [
    'static',
    'observed',
    'pace',
  ]),
  severity: choice('Whether it decides or advises.', ['required', 'advised']),
  passed: flag('Whether it holds.'),
  statement: text('The comparison with its numbers.', { max: 512 }),
});

/** What the settings would be: the patch over those that it was made for. */
const PATCHED: SettingsInCel = {
  setting: (name) => `(has(self.patch.${name}) ? self.patch.${name} : self.base.${name})`,
  followers: '(self.replicas - 1)',
  fieldPath: '.patch',
};

export const recommendationSpec = group(
  'What is proposed, and why.',
  {
    clusterRef,
    incidentRef: optional(
      group('The incident that led to it.', {
        name: objectName('The name of an Incident in the same namespace.'),
      }),
    ),
    replicas: oneNumberOf('How many members the cluster had.', CLUSTER_SIZES),
    base: allSettings('The settings that it was made for. When they change it is superseded.'),
    patch: someSettings('What is to change.', { minFields: 1, maxFields: PATCH_FIELDS_MAX }),
    rollback: someSettings('What undoes it.', { minFields: 1, maxFields: PATCH_FIELDS_MAX }),
    rationale: text('Why this should help, for the person who decides.', { min: 1, max: 8192 }),
    envelope: group("The safety envelope's verdict on the patched settings.", {
      passed: flag('Whether every required rule holds.'),
      findings: list('The rules.', finding, { max: 64, merge: { by: ['id'] } }),
    }),
    question: optional(
      text('What a verification is asked, as JSON: docs/counterfactual.md. Without it nothing is verified.', {
        min: 2,
        max: QUESTION_CHARACTERS_MAX,
      }),
    ),
    validUntil: time('When it expires if nobody has merged it.'),
  },
  {
    rules: [
      frozen('the spec of a recommendation', 'A changed proposal is a new one.'),
      ...envelopeRules(PATCHED),
    ],
  },
);

export type TuningRecommendationSpec = TypeOf<typeof recommendationSpec>;
