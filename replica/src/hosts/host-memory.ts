import type { LookupAddress } from 'node:dns';
import { lookup } from 'node:dns/promises';
import type { LookupFunction } from 'node:net';

/** A name that is not answered within this time, in milliseconds, counts as unanswered for now. */
const ANSWER_MS_MAX = 500;
/** How long an answer is good enough not to ask again in advance, in milliseconds. */
const FRESH_MS = 30_000;

/** Asks for all addresses of a host; fails with a code such as `EAI_AGAIN`. */
export type AskForHost = (host: string) => Promise<readonly LookupAddress[]>;

export interface FoundHost {
  readonly addresses: readonly LookupAddress[];
  /** They are those of before, because the name is not answered now. */
  readonly remembered: boolean;
}

/**
 * Finds hosts as the system does, and remembers where they were: while their names are not answered, which is when members and clients
 * need each other most, they are found at the addresses of before. That there is no such host is an answer.
 */
export class HostMemory {
  readonly #known = new Map<string, readonly LookupAddress[]>();
  readonly #askedMs = new Map<string, number>();

  constructor(private readonly askSystem: AskForHost = (host) => lookup(host, { all: true })) {}

  /** Asks in advance where a host is, unless that was asked shortly before. Nobody waits. */
  learn(host: string): void {
    if (performance.now() - (this.#askedMs.get(host) ?? -Infinity) >= FRESH_MS)
      this.#ask(host).catch(() => {});
  }

  /** Rejects as the system does. */
  async find(host: string): Promise<FoundHost> {
    const before = this.#known.get(host);
    const answer = this.#ask(host).then((addresses) => ({ addresses, remembered: false }));
    if (before === undefined) return answer;
    const remembered = { addresses: before, remembered: true };
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<FoundHost>((resolve) => {
      timer = setTimeout(resolve, ANSWER_MS_MAX, remembered);
    });
    const answered = answer.catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOTFOUND') throw error;
      return remembered;
    });
    return Promise.race([answered, late]).finally(() => clearTimeout(timer));
  }

  /** For sockets. */
  readonly lookup: LookupFunction = (host, options, callback) =>
    void this.#tell(host, options.all === true, callback);

  async #tell(host: string, all: boolean, callback: Parameters<LookupFunction>[2]): Promise<void> {
    let found: FoundHost;
    try {
      found = await this.find(host);
    } catch (error) {
      callback(error as NodeJS.ErrnoException, '');
      return;
    }
    const [first] = found.addresses;
    if (all) callback(null, [...found.addresses]);
    else callback(null, first!.address, first!.family);
  }

  async #ask(host: string): Promise<readonly LookupAddress[]> {
    this.#askedMs.set(host, performance.now());
    const addresses = await this.askSystem(host);
    this.#known.set(host, addresses);
    return addresses;
  }
}
