import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

import { eventually } from '../../harness/clock.js';
import type { Machine } from './machine.js';

/** Of private addresses, three ranges that are rarely used; whether they are free here is looked at before. */
export const NETWORK = {
  machines: '10.213.0.0/24',
  control: '10.213.0.1',
  /** This machine, as the others see it. */
  here: '10.213.0.254',
  pods: '10.214.0.0/16',
  services: '10.215.0.0/16',
  apiService: '10.215.0.1',
  dns: '10.215.0.10',
} as const;

/** The one interface that is made out here. It goes away with the machine at its other end. */
const INTERFACE = 'aegis-k8s';

/** @param number of the node, from 1 */
export const nodeAddress = (number: number): string => `10.213.0.${10 + number}`;
export const podRange = (number: number): string => `10.214.${number}.0/24`;

/** Why the network cannot be made; undefined if it can. */
export function whyNoNetwork(): string | undefined {
  const links = JSON.parse(ip('-json', 'address')) as {
    ifname: string;
    addr_info: { local: string }[];
  }[];
  if (links.some(({ ifname }) => ifname === INTERFACE))
    return `the interface ${INTERFACE} exists: such a Kubernetes runs here already, and two do not go together`;
  const routes = JSON.parse(ip('-json', 'route')) as { dst: string }[];
  const taken = [
    ...links.flatMap(({ addr_info }) => addr_info.map(({ local }) => local)),
    ...routes.map(({ dst }) => dst),
  ].find((address) => /^10\.21[345]\./.test(address));
  return taken === undefined
    ? undefined
    : `the addresses 10.213.0.0 to 10.215.255.255 are in use here: ${taken}`;
}

/**
 * Takes the interface back, with its routes. The kernel does that too when the machines are gone, but not before the last of their
 * connections have ended, which may take minutes.
 */
export async function disconnect(withinMs: number): Promise<void> {
  if (existsSync(`/sys/class/net/${INTERFACE}`)) spawnSync('ip', ['link', 'delete', INTERFACE]);
  await eventually(`the end of the interface ${INTERFACE}`, withinMs, () =>
    existsSync(`/sys/class/net/${INTERFACE}`) ? undefined : true,
  );
}

/** One Ethernet for all machines and this one, on a bridge in the first of them; pods are reached through their nodes. */
export async function connect(control: Machine, nodes: readonly Machine[]): Promise<void> {
  const bridge = 'machines';
  await control.run('ip', 'link', 'add', bridge, 'type', 'bridge');
  await control.run('ip', 'address', 'add', `${NETWORK.control}/24`, 'dev', bridge);
  await control.run('ip', 'link', 'set', bridge, 'up');
  const plugIn = async (port: string, end: readonly string[]) => {
    ip('link', 'add', ...end, 'type', 'veth', 'peer', 'name', port, 'netns', String(control.pid));
    await control.run('ip', 'link', 'set', port, 'master', bridge, 'up');
  };
  await plugIn('here', ['name', INTERFACE]);
  ip('address', 'add', `${NETWORK.here}/24`, 'dev', INTERFACE);
  ip('link', 'set', INTERFACE, 'up');
  for (const [index, node] of nodes.entries()) {
    await plugIn(node.name, ['name', 'eth0', 'netns', String(node.pid)]);
    await node.run('ip', 'address', 'add', `${nodeAddress(index + 1)}/24`, 'dev', 'eth0');
    await node.run('ip', 'link', 'set', 'eth0', 'up');
    await node.run('sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward');
  }
  for (const index of nodes.keys()) {
    const route = ['route', 'add', podRange(index + 1), 'via', nodeAddress(index + 1)];
    ip(...route);
    for (const machine of [control, ...nodes.toSpliced(index, 1)]) await machine.run('ip', ...route);
  }
  // Services are the work of the nodes; whoever is none asks the first.
  const services = ['route', 'add', NETWORK.services, 'via', nodeAddress(1)];
  ip(...services);
  await control.run('ip', ...services);
  // Their addresses are translated on the way out; there must be a way out for that. There is no other: what is asked of the
  // world outside fails at once.
  for (const node of nodes) await node.run('ip', 'route', 'add', NETWORK.services, 'dev', 'eth0');
}

function ip(...argv: readonly string[]): string {
  return execFileSync('ip', argv, { encoding: 'utf8' });
}
