import { Server, ServerCredentials, type ServerDuplexStream } from '@grpc/grpc-js';
import { type AskForHost, HostMemory } from '@aegis/replica/hosts';
import { SessionService, type SessionRequest, type SessionResponse } from '@aegis/proto/v1/session';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { GrpcTransport } from './grpc-transport.js';

const WELCOME = { clusterId: 'test', memberId: 1, leaderId: 1, leaderAddress: '', clientAddresses: [] };
const HERE = [{ address: '127.0.0.1', family: 4 }];
const server = new Server();
let port: number;

beforeAll(async () => {
  server.addService(SessionService, {
    open: (call: ServerDuplexStream<SessionRequest, SessionResponse>) =>
      void call.write({ welcome: WELCOME, answers: [], events: [] }),
  });
  port = await new Promise((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
});

afterAll(() => server.forceShutdown());

/** What the first stream to a host that the real resolver does not know says. */
async function openByName(ask: AskForHost): Promise<string> {
  const endpoint = `replica-1.invalid:${port}`;
  const transport = new GrpcTransport(undefined, new HostMemory(ask));
  transport.learn([endpoint]);
  await new Promise(setImmediate);
  return new Promise((resolve) => {
    const stream = transport.open(endpoint, {
      onFrame: ({ welcome }) => {
        resolve(`welcome to ${welcome?.clusterId}`);
        stream.close();
      },
      onDrain: () => {},
      onEnd: (error) => resolve(error.message),
    });
  });
}

test('while names are not answered, a stream goes where the replica was last', async () => {
  let asked = 0;
  const ask: AskForHost = () =>
    asked++ === 0
      ? Promise.resolve(HERE)
      : Promise.reject(Object.assign(new Error('again'), { code: 'EAI_AGAIN' }));
  expect(await openByName(ask)).toBe('welcome to test');
});

test('where it was last is not asked while names are answered', async () => {
  expect(await openByName(() => Promise.resolve(HERE))).toMatch(
    /replica-1\.invalid:\d+: Name resolution failed/,
  );
});
