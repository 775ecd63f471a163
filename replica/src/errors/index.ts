export { ERRORS, type ErrorKind, type ErrorName } from './catalogue.js';
export { type ErrorDetails, errorOf } from './error-of.js';
export { renderErrorTable } from './table.js';
