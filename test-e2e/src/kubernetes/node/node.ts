import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import type { Identities } from '../control/identities.js';
import { makeGroup } from '../machines/cgroups.js';
import type { Machine } from '../machines/machine.js';
import { nodeAddress } from '../machines/network.js';
import type { Service } from '../machines/service.js';
import type { Programs } from '../programs/modules.js';
import { Containerd } from './containerd.js';
import { startFirewall } from './firewall.js';
import { startKubelet } from './kubelet.js';
import { startProxy } from './proxy.js';

/** What a node is made of, in the order of its start. */
export class Node {
  #services: readonly Service[] = [];

  constructor(
    readonly machine: Machine,
    /** From 1. */
    readonly number: number,
    readonly folder: string,
    readonly group: string,
    readonly containerd: Containerd,
  ) {}

  get name(): string {
    return this.machine.name;
  }

  get address(): string {
    return nodeAddress(this.number);
  }

  /** Makes the node's folders and starts its containers' runtime; images can be imported afterwards. */
  static async start(machine: Machine, number: number, folder: string, group: string): Promise<Node> {
    for (const own of ['containerd', 'kubelet']) {
      mkdirSync(join(folder, own), { recursive: true });
      await machine.run('mkdir', '-p', `/var/lib/${own}`);
      await machine.run('mount', '--bind', join(folder, own), `/var/lib/${own}`);
    }
    makeGroup(group);
    return new Node(machine, number, folder, group, await Containerd.start(machine, number, folder));
  }

  /** Has it join: the kubelet and the proxy of services. */
  async join(programs: Programs, identities: Identities): Promise<void> {
    this.#services = [
      await startKubelet(this, programs, identities),
      await startProxy(this, programs, identities),
    ];
  }

  /** Enforces network policies from now on; the API server must know the node. */
  async guard(programs: Programs, identities: Identities): Promise<void> {
    this.#services = [...this.#services, await startFirewall(this, programs, identities)];
  }

  log(name: string): string {
    return join(this.folder, 'logs', `${name}.log`);
  }

  /** The last words of its programs, for failures. */
  tails(): string {
    return this.#services.map((service) => service.tail()).join('\n');
  }
}
