/** Something stands in the way that the operator cannot mend: it shows in the status, with what to do, and is looked at again. */
export class Trouble extends Error {
  override readonly name = 'Trouble';

  constructor(
    /** One word, as NameTaken. */
    readonly reason: string,
    /** What is wrong, where, and what to do. */
    message: string,
    /** The condition that it shows as. */
    readonly condition: 'Degraded' | 'VolumesExist' = 'Degraded',
  ) {
    super(message);
  }
}
