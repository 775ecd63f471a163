/**
 * A model that may order causes and tell what happened, if somebody configures one (docs/model.md); begin at model.ts. What it is told:
 * facts.ts. What it may say: answers.ts, words.ts, numbers.ts.
 */
export { type Budget, type Prices } from './budget.js';
export {
  ModelError,
  type ModelAnswer,
  type ModelEndpoint,
  type ModelRequest,
  type ModelTrouble,
} from './endpoint.js';
export { questionOf, type Facts, type Question } from './facts.js';
export {
  narratedBy,
  rankedBy,
  rankedByRecorded,
  type Model,
  type ModelParts,
  type Narration,
  type Opinion,
} from './model.js';
export { openAiEndpoint, type OpenAiOptions } from './openai.js';
export { type Ending } from './prompt.js';
export { recordedEndpoint, recording } from './recorded.js';
export { modelOf, readModelSettings, type ModelSettings } from './settings.js';
