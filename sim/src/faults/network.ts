import type { World } from '../world/world.js';
import type { Fault } from './fault.js';

type Link = readonly [from: number, to: number];

/** Links are between the places of machines. */
function places(world: World): number[] {
  return world.cluster.members.map(({ place }) => place);
}

function cut(world: World, links: readonly Link[], what: string): () => void {
  world.note(0, `${what}: ${links.map(([from, to]) => `${from}>${to}`).join(' ')} cut`);
  for (const [from, to] of links) world.cluster.network.cut(from, to);
  return () => {
    world.note(0, `${what} heals`);
    for (const [from, to] of links) world.cluster.network.heal(from, to);
  };
}

function both(from: number, to: number): Link[] {
  return [
    [from, to],
    [to, from],
  ];
}

export const isolate: Fault = (world) => {
  const [leader] = world.cluster.leaders();
  const alone =
    leader !== undefined && world.random.chance(0.5) ? leader.place : world.random.pick(places(world));
  const links = places(world).flatMap((other) => (other === alone ? [] : both(alone, other)));
  return cut(world, links, 'isolation');
};

/** Two parts that do not hear each other; clients hear both. */
export const partition: Fault = (world) => {
  const side = new Map(places(world).map((id) => [id, world.random.chance(0.5)]));
  const links = places(world).flatMap((a) =>
    places(world).flatMap((b): Link[] => (side.get(a) === side.get(b) ? [] : [[a, b]])),
  );
  return links.length === 0 ? undefined : cut(world, links, 'partition');
};

/** Some directions of some links. */
export const oneWay: Fault = (world) => {
  const links = places(world).flatMap((a) =>
    places(world).flatMap((b): Link[] => (a !== b && world.random.chance(0.25) ? [[a, b]] : [])),
  );
  return links.length === 0 ? undefined : cut(world, links, 'one-way cuts');
};

/** One link comes and goes, many times. */
export const flap: Fault = (world) => {
  const from = world.random.pick(places(world));
  const to = world.random.pick(places(world));
  if (from === to) return undefined;
  const { queue, network } = world.cluster;
  const everyMs = world.random.pick([20, 100, 400]);
  let over = false;
  world.note(0, `link ${from}>${to} flaps`);
  const turn = (isCut: boolean): void => {
    if (over) return;
    if (isCut) network.cut(from, to);
    else network.heal(from, to);
    queue.after(world.random.exponential(everyMs), () => turn(!isCut));
  };
  turn(true);
  return () => {
    over = true;
    network.heal(from, to);
    world.note(0, `link ${from}>${to} is steady`);
  };
};

export const slowLink: Fault = (world) => {
  const delayMsMax = world.random.pick([100, 300, 1000]);
  return change(world, `is slow, up to ${delayMsMax} ms`, { ...world.plan.environment.link, delayMsMax });
};

export const lossyLink: Fault = (world) => {
  const loss = world.random.pick([0.1, 0.3, 0.6]);
  return change(world, `loses ${loss}`, { ...world.plan.environment.link, loss });
};

/** Much of what is sent arrives long after what was sent later: gaps that seem to be losses close by themselves. */
export const overtaking: Fault = (world) => {
  const tailMs = world.random.pick([300, 1000, 4000]);
  return change(world, `holds half of it back for up to ${tailMs} ms`, {
    ...world.plan.environment.link,
    tail: 0.5,
    tailMs,
  });
};

function change(world: World, what: string, quality: World['plan']['environment']['link']) {
  const from = world.random.pick(places(world));
  const to = world.random.pick(places(world));
  if (from === to) return undefined;
  const all = world.random.chance(0.2) ? places(world).map((other): Link => [from, other]) : both(from, to);
  world.note(0, `link ${all.map(([a, b]) => `${a}>${b}`).join(' ')} ${what}`);
  for (const [a, b] of all) world.cluster.network.setQuality(a, b, quality);
  return () => {
    for (const [a, b] of all) world.cluster.network.setQuality(a, b, undefined);
  };
}
