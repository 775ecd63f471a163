import type { Fault } from './fault.js';

export const clientKill: Fault = (world) => {
  const client = world.random.pick(world.clients);
  world.note(client.place, 'is killed');
  client.kill();
  return () => {
    client.kill();
    client.start();
  };
};

export const clientPause: Fault = (world) => {
  const client = world.random.pick(world.clients);
  const { environment } = client;
  world.note(client.place, 'stands still');
  environment?.pause();
  return () => environment?.resume();
};

/** All at once, as when what they are part of is taken down: their leases end together, those that wait with those that hold. */
export const clientOutage: Fault = (world) => {
  world.note(0, 'all clients are killed');
  for (const client of world.clients) client.kill();
  return () => {
    for (const client of world.clients) {
      client.kill();
      client.start();
    }
  };
};

/** From one replica, or from all. */
export const clientCut: Fault = (world) => {
  const client = world.random.pick(world.clients);
  const { members, network } = world.cluster;
  const from = world.random.chance(0.3) ? members : [world.random.pick(members)];
  world.note(client.place, `is cut off from ${from.map(({ place }) => place).join(', ')}`);
  for (const { place } of from) {
    network.cut(client.place, place);
    network.cut(place, client.place);
  }
  return () => {
    for (const { place } of from) {
      network.heal(client.place, place);
      network.heal(place, client.place);
    }
  };
};
