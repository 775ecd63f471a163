import { PortForward, type KubeConfig } from '@kubernetes/client-node';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { Writable } from 'node:stream';
import { messageOf } from './trouble.js';

/** A port of a pod, reached by one of this machine's. */
export interface Forwarded {
  readonly port: number;
  /** Why a connection could not be forwarded, if one could not. */
  readonly problem: () => string | undefined;
  close(): void;
}

/** Listens on loopback and hands each connection on to the pod's port, through the API server: as `kubectl port-forward` does. */
export async function forwardTo(
  config: KubeConfig,
  pod: { readonly namespace: string; readonly name: string },
  port: number,
): Promise<Forwarded> {
  const forward = new PortForward(config);
  const sockets = new Set<Socket>();
  let problem: string | undefined;
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    const errors = new Writable({
      write: (text: Buffer, _encoding, done) => {
        done();
        // It begins with the number of the port, which the library takes off.
        if (text.length === 0) return;
        problem = text.toString('utf8').trim();
        socket.destroy();
      },
    });
    forward.portForward(pod.namespace, pod.name, [port], socket, errors, socket).then(
      (connection) => {
        // Without retries it is the connection itself.
        const made = typeof connection === 'function' ? connection() : connection;
        socket.once('close', () => made?.close());
        made?.addEventListener('close', () => socket.destroy());
      },
      (error: unknown) => {
        problem = messageOf(error);
        socket.destroy();
      },
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    problem: () => problem,
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
