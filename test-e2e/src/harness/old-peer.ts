import { Hello, Refusal } from '@aegis/proto/replica/peer';
import { once } from 'node:events';
import { connect } from 'node:net';

import { within } from './clock.js';

/** What a replica answers to the first frame of a peer without TLS that takes it for a member of `clusterId`. */
export async function refusalOfPeer(address: string, clusterId: string): Promise<string> {
  const hello = Hello.encode({
    protocol: 1,
    clusterId,
    from: 2,
    to: 1,
    incarnation: 1,
    stateVersion: 1,
    snapshot: false,
    peerAddress: '',
    nonce: '',
  }).finish();
  const length = Buffer.alloc(4);
  length.writeUInt32BE(hello.length);
  const [host, port] = address.split(':');
  const socket = connect({ host: host!, port: Number(port) });
  try {
    const chunks: Buffer[] = [];
    socket.on('error', () => {});
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    const closed = once(socket, 'close');
    socket.write(Buffer.concat([length, hello]));
    await within(`${address} hanging up`, 5_000, closed);
    return Refusal.decode(Buffer.concat(chunks).subarray(4)).reason;
  } finally {
    socket.destroy();
  }
}
