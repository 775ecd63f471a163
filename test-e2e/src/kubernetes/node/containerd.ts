import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Machine } from '../machines/machine.js';
import { podRange } from '../machines/network.js';
import type { Service } from '../machines/service.js';

const START_MS_MAX = 30_000;
/** The image that holds the namespaces of a pod. */
export const PAUSE_IMAGE = 'aegis.test/pause:1';
const PLUGINS = '/usr/lib/cni';

/** The runtime of a node's containers, with a bridge for its pods. */
export class Containerd {
  private constructor(
    readonly machine: Machine,
    readonly service: Service,
  ) {}

  static async start(machine: Machine, number: number, folder: string): Promise<Containerd> {
    const network = join(folder, 'cni');
    mkdirSync(network);
    writeFileSync(join(network, '10-pods.conflist'), JSON.stringify(podNetwork(number), undefined, 2));
    const config = join(folder, 'containerd.toml');
    writeFileSync(config, configuration(network));
    const log = join(folder, 'logs', 'containerd.log');
    const service = await machine.start('containerd', ['containerd', '--config', config], log);
    const answers = () =>
      machine.run('ctr', 'version').then(
        () => true,
        () => undefined,
      );
    await service.until('answers', START_MS_MAX, answers);
    return new Containerd(machine, service);
  }

  /** Takes in the images of a docker-archive. */
  async import(archive: string): Promise<void> {
    await this.machine.run('ctr', '--namespace', 'k8s.io', 'images', 'import', archive);
  }
}

const configuration = (network: string) => `
version = 2
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${PAUSE_IMAGE}"
  restrict_oom_score_adj = true
  disable_apparmor = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "${PLUGINS}"
    conf_dir = "${network}"
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
      SystemdCgroup = false
`;

/** Pods keep their own addresses everywhere: network policies look at them. */
const podNetwork = (number: number) => ({
  cniVersion: '0.4.0',
  name: 'pods',
  plugins: [
    {
      type: 'bridge',
      bridge: 'pods',
      isGateway: true,
      hairpinMode: true,
      ipMasq: false,
      ipam: {
        type: 'host-local',
        dataDir: '/run/cni',
        ranges: [[{ subnet: podRange(number) }]],
        routes: [{ dst: '0.0.0.0/0' }],
      },
    },
    { type: 'portmap', capabilities: { portMappings: true } },
  ],
});
