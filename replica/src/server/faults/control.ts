import { chmodSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';

import { RefusedStart } from '../exit.js';
import type { Logger } from '../logger.js';
import { makeGarbage } from './garbage.js';
import type { Faults } from './faults.js';
import { BadOrder, parseOrder, type Order } from './orders.js';
import { stall } from './stall.js';

export const SOCKET_NAME = 'faults.sock';
/** What the systems that we run on allow for the path of a socket. */
const PATH_BYTES_MAX = 103;
const LINE_BYTES_MAX = 4096;
const CONNECTIONS_MAX = 8;

/** Where the orders come from: a socket in the data folder, for whoever may read that folder. */
export function controlPath(dataPath: string): string {
  const path = join(dataPath, SOCKET_NAME);
  const bytes = Buffer.byteLength(path);
  if (bytes <= PATH_BYTES_MAX) return path;
  throw new RefusedStart(
    'usage',
    `--allow-faults: the socket ${path} would have a path of ${bytes} bytes; at most ${PATH_BYTES_MAX} work. Use a data folder with a shorter path`,
  );
}

/**
 * The control channel of the faults: one JSON order a line, one answer a line, in order: {"ok":true,"faults":{…}} when it is
 * in effect, {"ok":false,"error":"…"} when it says nothing that could be.
 */
export class FaultControl {
  readonly #faults: Faults;
  readonly #path: string;
  readonly #logger: Logger;
  readonly #server: Server;

  private constructor(faults: Faults, path: string, logger: Logger) {
    this.#faults = faults;
    this.#path = path;
    this.#logger = logger;
    this.#server = createServer((socket) => this.#serve(socket));
    this.#server.maxConnections = CONNECTIONS_MAX;
    makeGarbage(faults);
  }

  static async listen(faults: Faults, path: string, logger: Logger): Promise<FaultControl> {
    const control = new FaultControl(faults, path, logger);
    // Of an earlier life; whoever has the folder open is alone with it.
    rmSync(path, { force: true });
    await new Promise<void>((resolve, reject) => {
      control.#server.once('error', reject);
      control.#server.listen(path, resolve);
    });
    chmodSync(path, 0o600);
    logger.warn('faults can be injected into this replica', { socket: path });
    return control;
  }

  close(): void {
    this.#server.close();
    rmSync(this.#path, { force: true });
  }

  #serve(socket: Socket): void {
    let rest = '';
    socket.setEncoding('utf8');
    socket.on('error', () => socket.destroy());
    socket.on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop()!;
      for (const line of lines) if (!socket.writableEnded) this.#answer(socket, line);
      if (Buffer.byteLength(rest) > LINE_BYTES_MAX) this.#refuse(socket);
    });
  }

  #answer(socket: Socket, line: string): void {
    if (Buffer.byteLength(line) > LINE_BYTES_MAX) return this.#refuse(socket);
    let answer: object;
    try {
      const order = parseOrder(line);
      this.#obey(order);
      answer = { ok: true, faults: this.#faults.show() };
    } catch (error) {
      if (!(error instanceof BadOrder)) throw error;
      answer = { ok: false, error: error.message };
    }
    socket.write(`${JSON.stringify(answer)}\n`);
  }

  #refuse(socket: Socket): void {
    socket.end(`${JSON.stringify({ ok: false, error: `a line has more than ${LINE_BYTES_MAX} bytes` })}\n`);
  }

  #obey(order: Order): void {
    const faults = this.#faults;
    if (order.fault !== 'show') this.#logger.warn('fault injected', { order: JSON.stringify(order) });
    switch (order.fault) {
      case 'link': {
        const { fault: _, to, ...link } = order;
        return faults.setLink(to, link);
      }
      case 'fsync': {
        const { fault: _, ...sync } = order;
        return faults.setSync(sync);
      }
      case 'disk':
        return faults.setDiskFull(order.full);
      case 'clock': {
        const { fault: _, ...clock } = order;
        return faults.setClock(clock);
      }
      case 'jump':
        return faults.setClock({ ...faults.clock, offsetMs: faults.clock.offsetMs + order.ms });
      case 'stall':
        return stall(order.ms);
      case 'garbage':
        return faults.setGarbage(order.mbPerSecond);
      case 'none':
        return faults.clear();
      case 'show':
    }
  }
}
