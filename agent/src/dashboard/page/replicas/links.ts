import { byId } from '../elements.js';
import { percent, seconds } from '../format.js';
import { LiveTable, type Column } from '../table.js';
import type { ReplicaLive } from '../wire.js';
import { stateOf } from './judgement.js';

/** Every direction between two replicas, from the rows to the columns. */
export class Links {
  readonly #table = new LiveTable<ReplicaLive>(byId('links'), [], 'Links, from the rows to the columns');
  #names = '';

  update(replicas: readonly ReplicaLive[]): void {
    const names = JSON.stringify(replicas.map(({ name }) => name));
    if (names !== this.#names) {
      this.#names = names;
      this.#table.reshape([
        { title: 'From \\ to', text: ({ name }) => name },
        ...replicas.map(({ name }) => columnTo(name)),
      ]);
    }
    this.#table.update(replicas.map((row) => ({ key: row.name, row })));
  }
}

function columnTo(to: string): Column<ReplicaLive> {
  const link = (row: ReplicaLive) => row.links.find((each) => each.to === to);
  return {
    title: to,
    text: (row) => {
      const found = link(row);
      if (found === undefined) return '';
      const { roundTripSeconds, loss } = found;
      if (roundTripSeconds === null && loss === null) return '–';
      return `${seconds(roundTripSeconds)}, ${percent(loss)} lost`;
    },
    tone: (row) => {
      const found = link(row);
      const state = found === undefined ? 'unknown' : stateOf(found);
      return state === 'cut' ? 'bad' : state === 'slow' || state === 'lossy' ? 'warn' : '';
    },
  };
}
