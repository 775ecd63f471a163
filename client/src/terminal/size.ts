/** What a stream knows of the screen it goes to. */
export interface Sized {
  readonly columns?: number;
  readonly rows?: number;
}

const COLUMNS = 80;
const ROWS = 24;

/** Of the screen. What is no screen has none, and some say 0 because nobody told them. */
export function columnsOf({ columns }: Sized): number {
  return columns || COLUMNS;
}

export function rowsOf({ rows }: Sized): number {
  return rows || ROWS;
}
