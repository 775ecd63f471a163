import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { Guardian } from '../harness/guardian.js';
import { DNS } from './addons/dns.js';
import { SHARED_CLASS, SharedVolumes } from './addons/shared-volumes.js';
import { ClusterAuthority } from './control/authority.js';
import { type ControlPlane, startControlPlane } from './control/control-plane.js';
import { Identities } from './control/identities.js';
import { writeArchive } from './images/archive.js';
import { dnsImage, pauseImage } from './images/small.js';
import { Kubectl } from './kubectl.js';
import { removeGroup } from './machines/cgroups.js';
import { Machine } from './machines/machine.js';
import { connect, disconnect, whyNoNetwork } from './machines/network.js';
import { FIREWALL_RIGHTS } from './node/firewall.js';
import { Node } from './node/node.js';
import { installPackages, whyNotHere } from './programs/debian.js';
import { buildPrograms, type Programs } from './programs/modules.js';
import type { Progress } from './progress.js';
import { untilReady } from './ready.js';

const NODES = 3;
const GONE_MS_MAX = 10_000;

/** What whoever started it can mend: the message says how. */
export class RefusedError extends Error {}

/**
 * A real Kubernetes on this machine: a control plane and three nodes, each in namespaces of its own. Nothing of it outlives this
 * process: the namespaces go with it, and a guard removes the control groups and the folder.
 */
export class Kubernetes {
  readonly #guardian = new Guardian();
  readonly #machines: Machine[] = [];
  #volumes: SharedVolumes | undefined;
  #plane: ControlPlane | undefined;
  nodes: readonly Node[] = [];

  private constructor(
    readonly programs: Programs,
    readonly progress: Progress,
    readonly folder: string,
    /** Of all control groups. */
    readonly group: string,
  ) {}

  static async start(progress: Progress): Promise<Kubernetes> {
    const reason = whyNotHere();
    if (reason !== undefined) throw new RefusedError(`No Kubernetes can be started here: ${reason}.`);
    installPackages(progress);
    const programs = buildPrograms(progress);
    const taken = whyNoNetwork();
    if (taken !== undefined) throw new RefusedError(`No Kubernetes can be started here: ${taken}.`);
    const folder = mkdtempSync(join(tmpdir(), 'aegis-k8s-'));
    // Pods reach their volumes in it.
    chmodSync(folder, 0o755);
    const kubernetes = new Kubernetes(programs, progress, folder, `/aegis-k8s-${process.pid}`);
    kubernetes.#guardian.remove(folder);
    try {
      await kubernetes.#start();
      return kubernetes;
    } catch (error) {
      await kubernetes.stop();
      throw error;
    }
  }

  get kubeconfig(): string {
    return this.plane.api.kubeconfig;
  }

  get kubectl(): Kubectl {
    return new Kubectl(this.programs.kubectl, this.kubeconfig);
  }

  get plane(): ControlPlane {
    if (this.#plane === undefined) throw new Error('the control plane has not been started');
    return this.#plane;
  }

  /** Takes the images of a docker-archive to every node. */
  async importImage(archive: string): Promise<void> {
    // One after the other: they share a disk.
    for (const { containerd } of this.nodes) await containerd.import(archive);
  }

  async stop(): Promise<void> {
    await this.#volumes?.stop();
    this.#plane?.api.atFullSpeed();
    await Promise.all(this.#machines.map((machine) => machine.stop()));
    await disconnect(GONE_MS_MAX);
    await removeGroup(this.group, GONE_MS_MAX);
    rmSync(this.folder, { recursive: true, force: true });
    this.#guardian.done('sweep');
    await this.#guardian.close();
  }

  async #start(): Promise<void> {
    const { progress, programs, folder } = this;
    const names = ['control', ...Array.from({ length: NODES }, (_, index) => `node-${index + 1}`)];
    for (const name of names) mkdirSync(join(folder, name, 'logs'), { recursive: true });
    mkdirSync(join(folder, 'certificates'));
    mkdirSync(join(folder, 'volumes'), { mode: 0o755 });
    for (const name of names) await this.#startMachine(name);
    const [control, ...machines] = this.#machines;
    await connect(control!, machines);
    progress.say(`${names.length} machines and their network`);

    const authority = await ClusterAuthority.create(join(folder, 'certificates'));
    const identities = new Identities(authority);
    const plane = startControlPlane(control!, programs, identities, join(folder, 'control'));
    const nodes = machines.map((machine, index) =>
      Node.start(machine, index + 1, join(folder, machine.name), `${this.group}/${machine.name}`),
    );
    [this.#plane, ...this.nodes] = await Promise.all([plane, ...nodes]);
    progress.say('the control plane is ready');

    for (const image of [pauseImage(programs), dnsImage(programs)])
      await this.importImage(await writeArchive(image, join(folder, 'image.tar')));
    await this.kubectl.apply([...FIREWALL_RIGHTS, SHARED_CLASS, ...DNS]);
    await Promise.all(this.nodes.map((node) => node.join(programs, identities)));
    this.#volumes = new SharedVolumes(this.kubeconfig, join(folder, 'volumes'));
    this.#volumes.start();
    await untilReady(this.kubectl, this.nodes);
    await Promise.all(this.nodes.map((node) => node.guard(programs, identities)));
    progress.say(`${NODES} nodes are ready, names are answered, policies are enforced`);
  }

  async #startMachine(name: string): Promise<void> {
    this.#machines.push(await Machine.start(name, this.programs.anchor));
    const sweep = fileURLToPath(new URL('machines/sweep.js', import.meta.url));
    const keepers = this.#machines.map(({ keeper }) => String(keeper));
    this.#guardian.run('sweep', [sweep, this.group, this.folder, ...keepers]);
  }
}
