import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** A way to one address that a test can cut: silently, so that neither end is told, or with resets. */
export class TcpProxy {
  readonly #server: Server;
  readonly #target: string;
  readonly #sockets = new Set<Socket>();
  #cut: 'silent' | 'reset' | undefined;

  private constructor(target: string) {
    this.#target = target;
    this.#server = createServer({ noDelay: true }, (socket) => this.#accept(socket));
  }

  static async to(target: string): Promise<TcpProxy> {
    const proxy = new TcpProxy(target);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get address(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** `silent`: nothing passes any more, in either direction, and nobody is told. `reset`: connections are broken. */
  cut(how: 'silent' | 'reset'): void {
    this.#cut = how;
    for (const socket of this.#sockets) {
      if (how === 'silent') socket.pause();
      else socket.resetAndDestroy();
    }
  }

  /** New connections pass again; those that were cut stay dead. */
  mend(): void {
    this.#cut = undefined;
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }

  #accept(near: Socket): void {
    this.#sockets.add(near);
    near.on('error', () => {});
    near.once('close', () => this.#sockets.delete(near));
    if (this.#cut === 'reset') {
      near.resetAndDestroy();
    } else if (this.#cut === undefined) {
      this.#join(near);
    }
  }

  #join(near: Socket): void {
    const [host, port] = this.#target.split(':');
    const far = connect({ host: host!, port: Number(port), noDelay: true });
    this.#sockets.add(far);
    far.on('error', () => {});
    far.once('close', () => {
      this.#sockets.delete(far);
      if (this.#cut !== 'silent') near.destroy();
    });
    near.once('close', () => {
      if (this.#cut !== 'silent') far.destroy();
    });
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      from.on('data', (bytes: Buffer) => {
        if (this.#cut === undefined) to.write(bytes);
      });
    }
  }
}
