import { MessageType } from '@aegis/replica/sim';

import type { Fault } from './fault.js';
import { lurk, restartSoon } from './lurk.js';

const LOOK_MS = 3;

/**
 * A follower hears nothing for a while; the moment that it hears again the leader loses power: who is elected now must not be
 * the one that is behind.
 */
export const laggard: Fault = (world) => {
  const { members, network, queue } = world.cluster;
  const [leader] = world.cluster.leaders();
  if (leader === undefined) return undefined;
  const sources = [...members];
  const behind = sources.filter(({ id }) => id !== leader.id && world.random.chance(0.4));
  const inMs = world.random.pick([30, 100, 400]);
  world.note(
    leader.id,
    `members ${behind.map(({ id }) => id).join(', ') || 'none'} hear nothing for ${inMs} ms`,
  );
  for (const { place } of behind) for (const other of sources) network.cut(other.place, place);
  let over = false;
  queue.after(inMs, () => {
    if (over) return;
    for (const { place } of behind) for (const other of sources) network.heal(other.place, place);
    world.processes.crash(leader);
  });
  return () => {
    over = true;
    for (const { place } of behind) for (const other of sources) network.heal(other.place, place);
    world.processes.start(leader);
  };
};

/** For a while, whoever becomes leader loses power soon: terms go by in which little or nothing is committed. */
export const shortTerms: Fault = (world) => {
  const { queue } = world.cluster;
  const meanMs = world.random.pick([1, 10, 50]);
  const downMs = world.random.pick([100, 500]);
  let over = false;
  let doomed = false;
  const look = (): void => {
    if (over) return;
    const leader = world.random.pick([...world.cluster.leaders(), undefined]);
    if (leader !== undefined && !doomed) {
      doomed = true;
      queue.after(world.random.exponential(meanMs), () => {
        doomed = false;
        if (over) return;
        world.processes.crash(leader);
        queue.after(world.random.exponential(downMs), () => world.processes.start(leader));
      });
    }
    queue.after(LOOK_MS, look);
  };
  world.note(0, 'leaders lose power soon');
  look();
  return () => {
    over = true;
    for (const member of world.processes.sound) world.processes.start(member);
  };
};

/** For a while, voters lose power soon after they have voted, and are back at once: a vote must not be forgotten. */
export const deadlyVotes: Fault = (world) =>
  lurk(world, 'who votes may lose power', {
    leaving: ({ from, messages }) => {
      const votes = messages.some(({ type, reject }) => type === MessageType.MsgVoteResp && !reject);
      if (votes && world.random.chance(0.5)) restartSoon(world, from);
    },
  });
