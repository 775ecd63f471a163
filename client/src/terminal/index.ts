/** What is safe to write onto a terminal: for the other commands of this house. */
export { table } from '../status/render.js';
export { plain, plainJson, plainLines } from './plain.js';
