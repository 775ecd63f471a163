import type { Standing } from '@aegis/client/config';
import type { Known } from '../dashboard/index.js';
import type { Supervisor } from './duties.js';

/** A supervisor whose newest word is kept for whoever shows it to people: nobody has to ask it twice. */
export class HeardSupervisor implements Supervisor {
  #known: Known | undefined;

  constructor(private readonly supervisor: Supervisor) {}

  /** Undefined: it has not answered yet. */
  get known(): Known | undefined {
    return this.#known;
  }

  async standing(): Promise<Standing> {
    try {
      const standing = await this.supervisor.standing();
      this.#known = { standing, supervisor: null };
      return standing;
    } catch (error) {
      if (this.#known !== undefined) this.#known = { ...this.#known, supervisor: (error as Error).message };
      throw error;
    }
  }
}
