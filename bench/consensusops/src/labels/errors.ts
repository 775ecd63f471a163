/** A file of a set is missing, damaged, or says what cannot be. */
export class FileError extends Error {
  override readonly name = 'FileError';

  /** @param where in the file: `cases[3].cause.fault` */
  constructor(path: string, what: string, where = '') {
    super(`${path}${where === '' ? '' : `, ${where}`}: ${what}`);
  }
}
