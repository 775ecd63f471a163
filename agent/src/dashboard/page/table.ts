import { el, setAttribute, setText, type Child } from './elements.js';

/** A column whose cells are texts. */
export interface Column<Row> {
  readonly title: string;
  readonly text: (row: Row) => string;
  readonly number?: true;
  /** A word for what is wrong with it; it becomes the cell's class. */
  readonly tone?: (row: Row) => '' | 'bad' | 'warn' | 'good';
}

/** A table whose rows stay where they are while what is in them changes. The first column heads its row. */
export class LiveTable<Row> {
  readonly #body = el('tbody');
  #keys = '';

  constructor(
    private readonly table: HTMLElement,
    private columns: readonly Column<Row>[],
    private readonly caption: string,
  ) {
    this.#head();
  }

  /** Others than before: links have a column for each replica. */
  reshape(columns: readonly Column<Row>[]): void {
    this.columns = columns;
    this.#keys = '';
    this.#head();
  }

  update(rows: readonly { readonly key: string; readonly row: Row }[]): void {
    const keys = JSON.stringify(rows.map(({ key }) => key));
    if (keys !== this.#keys) {
      this.#keys = keys;
      this.#body.replaceChildren(
        ...rows.map(() => el('tr', {}, ...this.columns.map((_, at) => this.#cell(at)))),
      );
    }
    for (const [at, { row }] of rows.entries())
      for (const [column, { text, tone, number }] of this.columns.entries()) {
        const cell = this.#body.rows[at]!.cells[column]!;
        setText(cell, text(row));
        const classes = [number === true ? 'number' : '', tone?.(row) ?? ''].filter((name) => name !== '');
        setAttribute(cell, 'class', classes.join(' '));
      }
  }

  #head(): void {
    const heads: Child[] = this.columns.map(({ title, number }) =>
      el('th', { scope: 'col', class: number === true ? 'number' : '' }, title),
    );
    this.table.setAttribute('aria-label', this.caption);
    this.table.replaceChildren(el('thead', {}, el('tr', {}, ...heads)), this.#body);
  }

  #cell(at: number): HTMLTableCellElement {
    return at === 0 ? el('th', { scope: 'row' }) : el('td');
  }
}
