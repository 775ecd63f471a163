/** Webhooks that tell people of incidents and proposals (docs/notifications.md); begin at notifier.ts. */
export { FORMATS, type Format } from './bodies.js';
export { type Notice } from './notice.js';
export { Notifier, type NotifierCounts } from './notifier.js';
export { NotifyError, readWebhooks } from './settings.js';
export { type Surroundings, type Webhook } from './webhook.js';
