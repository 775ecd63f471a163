import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';

import { eventually } from './clock.js';

/** Somebody else on a port: takes connections and never says a word. */
export class Squatter {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server) {
    this.#server = server;
    server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.on('error', () => {});
      socket.once('close', () => this.#sockets.delete(socket));
      socket.resume();
    });
  }

  /** Waits for the port if it is not quite free yet. */
  static async on(address: string): Promise<Squatter> {
    const [host, port] = address.split(':');
    return eventually(`${address} being free`, 5_000, async () => {
      const server = createServer();
      const listening = once(server, 'listening');
      server.listen(Number(port), host);
      return listening.then(
        () => new Squatter(server),
        () => undefined,
      );
    });
  }

  get connections(): number {
    return this.#sockets.size;
  }

  /** Makes room on the port; the connections that it has stay open. */
  leavePort(): void {
    this.#server.close();
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }
}
