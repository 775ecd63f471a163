import { Hello, Standing } from '@aegis/proto/replica/peer';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

import { hostAndPort } from '../folder/addresses.js';
import { frame, FrameReader } from '../peer/framing.js';
import type { TlsFiles } from '../tls.js';

const ANSWER_MS = 2000;

/** Asks the replica at a peer address which member the folder with this nonce is. Rejects with what went wrong. */
export function askStanding(
  address: string,
  clusterId: string,
  nonce: string,
  tls: TlsFiles | undefined,
): Promise<Standing> {
  return new Promise((resolve, reject) => {
    const socket = dial(address, tls);
    const reader = new FrameReader();
    socket.setTimeout(ANSWER_MS, () => socket.destroy(new Error(`no answer within ${ANSWER_MS} ms`)));
    socket.once(tls === undefined ? 'connect' : 'secureConnect', () => {
      const hello = Hello.fromPartial({ protocol: 1, clusterId, nonce });
      socket.write(frame(Hello.encode(hello).finish()));
    });
    socket.on('data', (bytes: Buffer) => {
      try {
        reader.push(bytes, (body) => {
          const standing = Standing.decode(body);
          if (standing.clusterId === clusterId) resolve(standing);
          else reject(new Error(standing.reason.slice(0, 300) || 'it answers for another cluster'));
          socket.destroy();
        });
      } catch (error) {
        socket.destroy(error as Error);
      }
    });
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('it closed the connection')));
  });
}

function dial(address: string, tls: TlsFiles | undefined): Socket {
  const { host, port } = hostAndPort(address);
  if (tls === undefined) return connect({ host, port });
  return connectTls({ host, port, ca: tls.ca, cert: tls.cert, key: tls.key, minVersion: 'TLSv1.3' });
}
