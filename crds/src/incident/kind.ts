import { frozen } from '../cel/changes.js';
import { conditions } from '../schema/conditions.js';
import { group, list } from '../schema/composites.js';
import { defineKind, type Resource } from '../schema/kind.js';
import { clusterRef } from '../schema/references.js';
import { choice, objectName, text, time, whole } from '../schema/scalars.js';
import { optional, type TypeOf } from '../schema/schema.js';

const LARGEST = Number.MAX_SAFE_INTEGER;

/** What may be wrong with a cluster. Several can be at once. */
export const INCIDENT_CLASSES = [
  'ElectionStorm',
  'SplitBrain',
  'SlowFollower',
  'LeaseStarvation',
  'DiskStall',
  'Overload',
  'Unknown',
] as const;

export const INCIDENT_CONDITIONS = {
  Diagnosed: 'causes were ranked from the evidence.',
  PostmortemWritten: 'the postmortem is at the link.',
} as const;

const incidentClass = choice('What kind of trouble it is.', INCIDENT_CLASSES);

const incidentSpec = group(
  'What the agent saw when it opened the incident.',
  {
    clusterRef,
    class: incidentClass,
    alsoSeen: optional(
      list('Other kinds of trouble at the same time.', incidentClass, {
        max: INCIDENT_CLASSES.length,
        merge: 'set',
      }),
    ),
    onsetTime: time('When it began, by the evidence.'),
    detectedTime: time('When the agent saw it.'),
    summary: text('What happened, in a sentence or two.', { max: 1024 }),
  },
  {
    rules: [
      frozen(
        'the spec of an incident',
        'It is what was seen at the time; what is learned later goes into status.',
      ),
    ],
  },
);

const evidence = group('One measurement that speaks for the class.', {
  id: text('By which causes refer to it.', { min: 1, max: 63, pattern: '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$' }),
  signal: text('The metric, or what was computed from metrics.', { min: 1, max: 128 }),
  member: optional(whole('The member that it was measured at.', { min: 1, max: LARGEST })),
  peer: optional(whole('The member where the link ends that it was measured on.', { min: 1, max: LARGEST })),
  observed: text('What was measured, with its unit.', { max: 128 }),
  usual: optional(text('What is within bounds there, with its unit.', { max: 128 })),
  fromTime: optional(time('Since when.')),
  toTime: optional(time('Until when.')),
});

const cause = group('One possible root cause.', {
  kind: text('The fault, as one word, for example SlowDisk or PacketLoss.', {
    min: 1,
    max: 63,
    pattern: '^[A-Z][A-Za-z0-9]*$',
  }),
  member: optional(whole('The member at fault, or where the faulty link begins.', { min: 1, max: LARGEST })),
  peer: optional(whole('The member where the faulty link ends.', { min: 1, max: LARGEST })),
  scorePermille: whole('How likely it is among the causes listed, in thousandths.', { min: 0, max: 1000 }),
  path: list('How it leads to what was seen, from the cause on.', text('One step.', { min: 1, max: 128 }), {
    max: 16,
  }),
  evidence: list(
    'The evidence that speaks for it.',
    text('The id of a piece of evidence.', { min: 1, max: 63 }),
    {
      max: 32,
    },
  ),
});

const incidentStatus = group('What was learned since.', {
  observedGeneration: optional(
    whole('The generation of the spec that this status is about.', { min: 0, max: LARGEST }),
  ),
  phase: optional(choice('Whether it goes on.', ['Open', 'Resolved'])),
  conditions: optional(conditions(INCIDENT_CONDITIONS)),
  lastSeenTime: optional(time('When it was seen last.')),
  resolvedTime: optional(time('When it was over.')),
  evidence: optional(list('What was measured.', evidence, { max: 32, merge: { by: ['id'] } })),
  causes: optional(list('Possible root causes, the likeliest first.', cause, { max: 10 })),
  recommendations: optional(
    list('TuningRecommendations that came of it.', objectName('The name of one.'), { max: 16, merge: 'set' }),
  ),
  postmortemUrl: optional(text('Where the postmortem is.', { max: 1024 })),
});

export const incident = defineKind({
  kind: 'Incident',
  plural: 'incidents',
  singular: 'incident',
  shortNames: ['aegis-incident'],
  description:
    'Trouble of a cluster that the agent saw: its kind, its evidence, its likely causes and what came of it.',
  spec: incidentSpec,
  status: incidentStatus,
  columns: [
    { name: 'Cluster', type: 'string', jsonPath: '.spec.clusterRef.name', description: 'The cluster.' },
    { name: 'Class', type: 'string', jsonPath: '.spec.class', description: 'What kind of trouble.' },
    { name: 'Phase', type: 'string', jsonPath: '.status.phase', description: 'Whether it goes on.' },
    {
      name: 'Cause',
      type: 'string',
      jsonPath: '.status.causes[0].kind',
      description: 'The likeliest cause.',
    },
    { name: 'Member', type: 'integer', jsonPath: '.status.causes[0].member', description: 'Where.' },
    { name: 'Onset', type: 'date', jsonPath: '.spec.onsetTime', description: 'How long ago it began.' },
    {
      name: 'Postmortem',
      type: 'string',
      jsonPath: '.status.postmortemUrl',
      description: 'The link.',
      priority: 1,
    },
    {
      name: 'Summary',
      type: 'string',
      jsonPath: '.spec.summary',
      description: 'What happened.',
      priority: 1,
    },
  ],
});

export type IncidentSpec = TypeOf<typeof incidentSpec>;
export type IncidentStatus = TypeOf<typeof incidentStatus>;
export type Incident = Resource<IncidentSpec, IncidentStatus>;
