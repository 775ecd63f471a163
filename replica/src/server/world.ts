import type { Socket } from 'node:net';

import { type Disk, openNodeDisk } from '../log/index.js';
import { RocksStorage, type StateStorage } from '../state/index.js';
import type { Environment } from './driver/environment.js';
import { realEnvironment } from './driver/real-environment.js';

/** What goes over a connection to a peer: a frame a write, of which any may be lost, or a snapshot, of which none may. */
export type Traffic = 'frames' | 'snapshot';

/** The connections on which this replica sends to its peers. */
export interface Wires {
  dial(peer: number, traffic: Traffic, connect: () => Socket): Socket;
  /** A connection that the peer has dialled, and on which it is answered. */
  accepted(peer: number, traffic: Traffic, socket: Socket): Socket;
}

/** What a replica stands on. `--allow-faults` puts `faults/` in the place of the real one. */
export interface World {
  readonly environment: Environment;
  readonly wires: Wires;
  openDisk(path: string): Promise<Disk>;
  openState(path: string): Promise<StateStorage>;
}

export const realWorld: World = {
  environment: realEnvironment,
  wires: {
    dial: (_peer, _traffic, connect) => connect(),
    accepted: (_peer, _traffic, socket) => socket,
  },
  openDisk: openNodeDisk,
  openState: (path) => RocksStorage.open(path),
};
