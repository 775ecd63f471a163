import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';

/** Of RFC 6455. */
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const PROTOCOL = 'v4.channel.k8s.io';
const OPCODE = { binary: 2, close: 8 } as const;
/** The channels of the first port: what is carried, and what went wrong. */
const CHANNEL = { data: 0, error: 1 } as const;

export function refuseUpgrade(socket: Socket, code: number): void {
  socket.end(`HTTP/1.1 ${code} Refused\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
}

/** What the API server does for `port-forward` over a web socket: frames whose first byte is the channel, to and from a port of this machine. */
export function forwardFrames(request: IncomingMessage, socket: Socket, port: number): void {
  const key = createHash('sha1').update(`${request.headers['sec-websocket-key']}${GUID}`).digest('base64');
  const head = ['HTTP/1.1 101 Switching Protocols', 'upgrade: websocket', 'connection: Upgrade'];
  socket.write(
    [...head, `sec-websocket-accept: ${key}`, `sec-websocket-protocol: ${PROTOCOL}`, '', ''].join('\r\n'),
  );
  const send = (channel: number, bytes: Uint8Array): void => {
    if (socket.writable) socket.write(frame(OPCODE.binary, Buffer.concat([Buffer.of(channel), bytes])));
  };
  // Each channel begins with the number of the port.
  for (const channel of Object.values(CHANNEL)) send(channel, Buffer.of(port & 0xff, port >> 8));
  const target = connect(port, '127.0.0.1');
  target.on('data', (bytes: Buffer) => send(CHANNEL.data, bytes));
  target.on('error', (error) => send(CHANNEL.error, Buffer.from(error.message)));
  target.on('close', () => socket.end(frame(OPCODE.close, Buffer.alloc(0))));
  socket.on('error', () => target.destroy());
  socket.on('close', () => target.destroy());
  let buffered: Buffer = Buffer.alloc(0);
  socket.on('data', (bytes: Buffer) => {
    buffered = Buffer.concat([buffered, bytes]);
    for (let read = unframe(buffered); read !== undefined; read = unframe(buffered)) {
      buffered = buffered.subarray(read.length);
      if (read.opcode === OPCODE.close) target.end();
      else if (read.payload[0] === CHANNEL.data) target.write(read.payload.subarray(1));
    }
  });
}

function frame(opcode: number, payload: Uint8Array): Buffer {
  const { length } = payload;
  const head = Buffer.alloc(length < 126 ? 2 : length < 65_536 ? 4 : 10);
  head[0] = 0x80 | opcode;
  if (length < 126) head[1] = length;
  else if (length < 65_536) {
    head[1] = 126;
    head.writeUInt16BE(length, 2);
  } else {
    head[1] = 127;
    head.writeBigUInt64BE(BigInt(length), 2);
  }
  return Buffer.concat([head, payload]);
}

/** The first frame of a client, which masks what it sends; undefined: it has not come in whole. */
function unframe(bytes: Buffer): { opcode: number; payload: Buffer; length: number } | undefined {
  if (bytes.length < 2) return undefined;
  const short = bytes[1]! & 0x7f;
  const at = short < 126 ? 2 : short === 126 ? 4 : 10;
  if (bytes.length < at + 4) return undefined;
  const size = short < 126 ? short : short === 126 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
  const length = at + 4 + size;
  if (bytes.length < length) return undefined;
  const mask = bytes.subarray(at, at + 4);
  const payload = Buffer.from(bytes.subarray(at + 4, length).map((byte, index) => byte ^ mask[index % 4]!));
  return { opcode: bytes[0]! & 0x0f, payload, length };
}
