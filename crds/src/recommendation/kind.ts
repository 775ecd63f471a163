import { defineKind, type Resource } from '../schema/kind.js';
import { recommendationSpec, type TuningRecommendationSpec } from './spec.js';
import { recommendationStatus, type TuningRecommendationStatus } from './status.js';

export const tuningRecommendation = defineKind({
  kind: 'TuningRecommendation',
  plural: 'tuningrecommendations',
  singular: 'tuningrecommendation',
  shortNames: ['recommendation', 'recommendations'],
  description:
    'A change of settings that the agent proposes and a person decides on. What it says never changes; what became of it is its status.',
  spec: recommendationSpec,
  status: recommendationStatus,
  columns: [
    { name: 'Cluster', type: 'string', jsonPath: '.spec.clusterRef.name', description: 'The cluster.' },
    { name: 'Phase', type: 'string', jsonPath: '.status.phase', description: 'How far it is.' },
    {
      name: 'Result',
      type: 'string',
      jsonPath: '.status.verification.result',
      description: 'What its verification showed.',
    },
    {
      name: 'Signal',
      type: 'string',
      jsonPath: '.status.verification.signal',
      description: 'What was measured.',
    },
    {
      name: 'Request',
      type: 'string',
      jsonPath: '.status.pullRequest.url',
      description: 'Where a person decides.',
    },
    {
      name: 'Incident',
      type: 'string',
      jsonPath: '.spec.incidentRef.name',
      description: 'What led to it.',
      priority: 1,
    },
    {
      name: 'Reason',
      type: 'string',
      jsonPath: '.status.reason',
      description: 'Why it is in this phase.',
      priority: 1,
    },
    {
      name: 'Age',
      type: 'date',
      jsonPath: '.metadata.creationTimestamp',
      description: 'Since when it is there.',
    },
  ],
});

export type TuningRecommendation = Resource<TuningRecommendationSpec, TuningRecommendationStatus>;
