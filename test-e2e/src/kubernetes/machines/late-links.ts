import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

import type { Node } from '../node/node.js';
import type { Programs } from '../programs/modules.js';
import { podRange } from './network.js';
import type { Service } from './service.js';

const LISTENS_MS_MAX = 5_000;
/** Where the program of a node listens. */
const LISTEN = 15_411;
/** By then whoever has a connection has sent something over it, and been told that it is over. */
const RESET_MS = 1_000;

export interface Lateness {
  readonly delayMs: number;
  /** By how much more at most, by chance. */
  readonly jitterMs: number;
}

/**
 * Makes late what pods say to each other on a port. The kernel here has no netem: on each node a program stands in the way of what arrives
 * for its pods (`test-e2e/kubernetes/late-links`), and connections that stand are ended, so that they are made anew through it.
 */
export class LateLinks {
  readonly #programs: Service[] = [];
  readonly #redirected: Node[] = [];

  private constructor(private readonly port: number) {}

  static async begin(
    nodes: readonly Node[],
    programs: Programs,
    port: number,
    lateness: Lateness,
  ): Promise<LateLinks> {
    const links = new LateLinks(port);
    try {
      for (const node of nodes) await links.#redirect(node, programs, lateness);
      await links.#reset();
      return links;
    } catch (error) {
      await links.end();
      throw error;
    }
  }

  /** Everything is on time again: connections through the programs end with them. */
  async end(): Promise<void> {
    for (const node of this.#redirected.splice(0)) await node.machine.run(...this.#rule(node, '-D'));
    for (const program of this.#programs.splice(0)) await program.kill();
  }

  async #redirect(node: Node, programs: Programs, { delayMs, jitterMs }: Lateness): Promise<void> {
    const argv = [
      programs['late-links'],
      ...[`-listen=:${LISTEN}`, `-delay=${delayMs}ms`, `-jitter=${jitterMs}ms`],
    ];
    const log = node.log(`late-links-${Date.now()}`);
    const program = await node.machine.start('late-links', argv, log);
    this.#programs.push(program);
    await program.until('listens', LISTENS_MS_MAX, () =>
      readFileSync(log, 'utf8').includes('ready') ? true : undefined,
    );
    await node.machine.run(...this.#rule(node, '-I'));
    this.#redirected.push(node);
  }

  /** What comes for the node's own pods, from wherever; what the program sends on does not pass here. */
  #rule(node: Node, how: '-I' | '-D'): readonly string[] {
    return [
      ...['iptables', '-w', '-t', 'nat', how, 'PREROUTING'],
      ...['-p', 'tcp', '-d', podRange(node.number), '--dport', String(this.port)],
      ...['-j', 'REDIRECT', '--to-ports', String(LISTEN)],
    ];
  }

  async #reset(): Promise<void> {
    const rule = (how: '-I' | '-D') => [
      ...['iptables', '-w', how, 'FORWARD', '-p', 'tcp', '--dport', String(this.port)],
      ...['-j', 'REJECT', '--reject-with', 'tcp-reset'],
    ];
    for (const { machine } of this.#redirected) await machine.run(...rule('-I'));
    await sleep(RESET_MS);
    for (const { machine } of this.#redirected) await machine.run(...rule('-D'));
  }
}
