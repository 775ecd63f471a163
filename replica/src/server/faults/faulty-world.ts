import { Socket } from 'node:net';

import { realWorld, type World } from '../world.js';
import { faultyClocks } from './faulty-clocks.js';
import { faultyDisk } from './faulty-disk.js';
import { FaultyStorage } from './faulty-storage.js';
import type { Faults } from './faults.js';
import { ShapedSocket } from './shaped-socket.js';

/** The real world, each part of it behind what the faults of the moment do to it. */
export function faultyWorld(faults: Faults): World {
  const shape = (peer: number, traffic: 'frames' | 'snapshot', socket: Socket): Socket =>
    ShapedSocket.shape(socket, traffic, () => faults.link(peer));
  return {
    environment: faultyClocks(realWorld.environment, faults),
    wires: {
      // A connection over a cut link is never made: a socket that nobody connects.
      dial: (peer, traffic, connect) =>
        faults.link(peer).cut ? new Socket() : shape(peer, traffic, connect()),
      accepted: shape,
    },
    openDisk: async (path) => faultyDisk(await realWorld.openDisk(path), faults),
    openState: async (path) => new FaultyStorage(await realWorld.openState(path), faults),
  };
}
