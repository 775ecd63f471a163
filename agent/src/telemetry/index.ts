/** From the replicas' pages of metrics to typed features; begin at window.ts. */
export {
  LINK_FEATURES,
  REPLICA_FEATURES,
  type Feature,
  type LinkFeature,
  type ReplicaFeature,
  type Unit,
} from './features.js';
export { readPage, type Histogram, type Reading, type Value, type Values } from './reading.js';
export { readRecording, RecordingError, writeRecording, type Recording, type Scrape } from './recording.js';
export { scrapeEvery, type ScrapeOptions } from './scrape.js';
export { windowOf, type ReplicaWindow, type Series, type Window } from './window.js';
