import type { Entry, Message } from '../../raft/index.js';

/** Committed entries on their way to the state machine, in order; each storage message is answered after its last. */
export class Backlog {
  readonly #messages: Message[] = [];
  #at = 0;
  #entries = 0;

  /** How many are not yet applied. */
  get entries(): number {
    return this.#entries;
  }

  /** Takes a MsgStorageApply of the core. */
  add(message: Message): void {
    this.#messages.push(message);
    this.#entries += message.entries.length;
  }

  /** The next entry to apply, with the answers that are due once it is applied. */
  next(): { entry: Entry | undefined; responses: readonly Message[] | undefined } | undefined {
    const message = this.#messages[0];
    if (message === undefined) return undefined;
    const entry = message.entries[this.#at++];
    if (entry !== undefined) this.#entries--;
    if (this.#at < message.entries.length) return { entry, responses: undefined };
    this.#messages.shift();
    this.#at = 0;
    return { entry, responses: message.responses };
  }
}
