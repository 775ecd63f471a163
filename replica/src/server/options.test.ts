import { describe, expect, test } from '@jest/globals';

import { onHost } from './folder/addresses.js';
import { parseOptions } from './options.js';

const start = ['start', '--data', 'd', '--bootstrap', 'b'];

describe('the command line of a replica', () => {
  test('a start with TLS', () => {
    expect(parseOptions([...start, '--tls', 't', '--profile', 'locks'])).toMatchObject({
      command: 'start',
      data: 'd',
      bootstrap: 'b',
      tls: 't',
      profile: 'locks',
      allowFaults: false,
      whenRemoved: 'end',
      logLevel: 'info',
      set: {},
    });
  });

  test('a start in a pod', () => {
    const flags = ['--tls', 't', '--await-bootstrap', '--listen', '0.0.0.0', '--when-removed', 'move-aside'];
    expect(parseOptions([...start, ...flags])).toMatchObject({
      awaitBootstrap: true,
      listen: '0.0.0.0',
      whenRemoved: 'move-aside',
    });
    expect(parseOptions([...start, '--tls', 't'])).toMatchObject({
      awaitBootstrap: false,
      listen: undefined,
    });
  });

  test('the port stays, on whatever host it is opened', () => {
    expect(onHost(undefined, 'a.b.svc:4410')).toBe('a.b.svc:4410');
    expect(onHost('0.0.0.0', 'a.b.svc:4410')).toBe('0.0.0.0:4410');
    expect(onHost('::', '[::1]:4410')).toBe('[::]:4410');
    expect(onHost('[::]', 'a:4410')).toBe('[::]:4410');
  });

  test('settings by flag', () => {
    const set = ['--set', 'heartbeatIntervalMs=50', '--set', 'electionTimeoutMs=500'];
    expect(parseOptions([...start, '--insecure', ...set])).toMatchObject({
      set: { heartbeatIntervalMs: '50', electionTimeoutMs: '500' },
    });
  });

  test.each([
    [['start', '--bootstrap', 'b', '--insecure'], /--data/],
    [['start', '--data', 'd', '--insecure'], /--bootstrap/],
    [start, /--tls DIR or --insecure/],
    [[...start, '--tls', 't', '--insecure'], /exactly one/],
    [[...start, '--insecure', '--profile', 'zk'], /"zk" is not one of locks, kv, all/],
    [[...start, '--insecure', '--log-level', 'loud'], /--log-level/],
    [[...start, '--insecure', '--when-removed', 'delete'], /"delete" is not one of end, move-aside/],
    [[...start, '--insecure', '--set', 'electionTimeoutMs'], /--set: "electionTimeoutMs" is not NAME=VALUE/],
    [[...start, '--insecure', '--set', 'a=1', '--set', 'a=2'], /a is given twice/],
    [[...start, '--insecure', '--listen', 'a b:c'], /is not an address/],
    [[...start, '--insecure', '--fsync', 'off'], /--fsync/],
    [['stop', '--data', 'd'], /unknown command "stop"/],
  ])('%j is refused, naming the flag', (args, message) => {
    expect(() => parseOptions(args)).toThrow(message);
  });
});
