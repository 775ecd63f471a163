import { AlarmsRow } from '@aegis/proto/replica/state';
import { type Alarm, AlarmKind } from '@aegis/proto/v1/alarm';
import { encoded } from '../rows/encode.js';
import { SECTION, singleKey } from '../rows/layout.js';
import { Row } from '../rows/row.js';
import type { Rows } from '../rows/rows.js';

/** What stands raised, one row in all. Raised and cleared only by commands, and by the removal of a member. */
export class Alarms {
  /** By kind, then by member. */
  #raised: readonly Alarm[] = [];
  /** Members whose disks are full, in order: growth is refused while there is one. */
  #noSpace: readonly number[] = [];
  #corrupt = false;
  #row = new Row(singleKey(SECTION.alarms), false);

  constructor(private readonly rows: Rows) {}

  get all(): readonly Alarm[] {
    return this.#raised;
  }

  get noSpace(): readonly number[] {
    return this.#noSpace;
  }

  get corrupt(): boolean {
    return this.#corrupt;
  }

  has({ kind, memberId }: Alarm): boolean {
    return this.#raised.some((alarm) => alarm.kind === kind && alarm.memberId === memberId);
  }

  raise(alarm: Alarm): void {
    if (this.has(alarm)) return;
    const raised = [...this.#raised, alarm];
    this.#change(raised.sort((a, b) => a.kind - b.kind || a.memberId - b.memberId));
  }

  clear({ kind, memberId }: Alarm): void {
    this.#keep((alarm) => alarm.kind !== kind || alarm.memberId !== memberId);
  }

  /** Nobody is left to clear the alarms of members that are gone. */
  keepThoseOf(members: ReadonlySet<number>): void {
    this.#keep(({ memberId }) => members.has(memberId));
  }

  /** As a change wrote it. */
  restore(value: Uint8Array): void {
    this.#take(AlarmsRow.decode(value).alarms);
    this.#row = new Row(this.#row.key, true);
  }

  #keep(wanted: (alarm: Alarm) => boolean): void {
    const kept = this.#raised.filter(wanted);
    if (kept.length < this.#raised.length) this.#change(kept);
  }

  #change(raised: Alarm[]): void {
    this.#take(raised);
    if (raised.length > 0) {
      this.rows.put(this.#row, encoded(AlarmsRow, { alarms: raised }));
    } else {
      this.rows.delete(this.#row);
    }
  }

  #take(raised: readonly Alarm[]): void {
    this.#raised = raised;
    const about = (kind: AlarmKind): Alarm[] => raised.filter((alarm) => alarm.kind === kind);
    this.#noSpace = about(AlarmKind.NO_SPACE).map(({ memberId }) => memberId);
    this.#corrupt = about(AlarmKind.CORRUPT).length > 0;
  }
}
