/** What the pages that are served on this machine have in common: the agent's dashboard, and the supervisor's page of faults. */
export { HEADERS } from './headers.js';
export { asksForUs } from './hosts.js';

/** Files of each of them, by their names: colours, texts, heads and feet; the icon. */
export const COMMON_FILES: Readonly<Record<'base.css' | 'icon.svg', URL>> = {
  'base.css': new URL('../../pages/base.css', import.meta.url),
  'icon.svg': new URL('../../pages/icon.svg', import.meta.url),
};
