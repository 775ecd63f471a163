/** How to deal with GitHub: what its answers look like, when to leave it alone. The agent's forge uses it, too. */
export { ForgeError, type ForgeTrouble } from '../forge.js';
export { Answer, readAccount, readContent, readRef } from './answers.js';
export { troubleOf, type Failure } from './back-off.js';
export { limitedFetch } from './limited-fetch.js';
