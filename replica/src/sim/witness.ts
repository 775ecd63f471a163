/** What every member may see only one of: hashes by index, leaders by term. */
export class Witness {
  readonly #hashes = new Map<number, string>();
  readonly #leaders = new Map<number, number>();
  appliedMax = 0;

  applied(index: number, hash: string): void {
    const known = this.#hashes.get(index);
    if (known !== undefined && known !== hash) throw new Error(`members disagree about index ${index}`);
    this.#hashes.set(index, hash);
    this.appliedMax = Math.max(this.appliedMax, index);
  }

  leading(member: number, term: number): void {
    const known = this.#leaders.get(term);
    if (known !== undefined && known !== member) throw new Error(`${known} and ${member} lead term ${term}`);
    this.#leaders.set(term, member);
  }
}
