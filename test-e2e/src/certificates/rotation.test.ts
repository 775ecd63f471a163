import { connect, type Client } from '@aegis/client';
import { Authority } from '@aegis/client/certificates';
import { credentials } from '@grpc/grpc-js';
import { expect } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';

import { askStatus } from '../harness/ask-status.js';
import { eventually, nowMs } from '../harness/clock.js';
import { TestBed } from '../harness/test-bed.js';
import { RotatedCluster, type Tls } from './house.js';

const bed = new TestBed();
const DAY_MS = 86_400_000;
/** The folder is looked at every 5 s, and the slowest mount lags by 3. */
const STEP_MS = 40_000;

const count = ({ ca }: Tls): number => ca.split('BEGIN CERTIFICATE').length - 1;

/** Somebody who writes all the time, and whose every failure is kept. */
class Writer {
  readonly errors: unknown[] = [];
  writes = 0;
  longestMs = 0;
  #going = true;
  readonly #done: Promise<void>;

  constructor(client: Client, key: string) {
    this.#done = this.#write(client, key);
  }

  async #write(client: Client, key: string): Promise<void> {
    while (this.#going) {
      const beganMs = nowMs();
      try {
        await client.kv.put(key, `${this.writes}`);
        this.writes++;
      } catch (error) {
        this.errors.push(error);
      }
      this.longestMs = Math.max(this.longestMs, nowMs() - beganMs);
      await sleep(20);
    }
  }

  async end(): Promise<void> {
    this.#going = false;
    await this.#done;
  }
}

bed.scenario(
  'the authority is replaced when its time comes: clients write all through it, nothing restarts, and strangers are refused',
  240_000,
  async () => {
    // The replicas check certificates by the real clock: what is issued has to be good now, too.
    const dueMs = Date.now() - 150 * DAY_MS;
    const house = await RotatedCluster.create(
      bed,
      { 'aegis.dev/authority-overlap': '60d' },
      dueMs - 2_440 * DAY_MS,
    );
    house.nowMs = dueMs - 190 * DAY_MS;
    await house.pass();
    await house.start();
    const clients: Client[] = [];
    bed.atEnd(async () => void (await Promise.all(clients.map((client) => client.close()))));
    const clientOf = (tls: Tls): Client => {
      const client = connect({ endpoints: house.endpoints, tls });
      clients.push(client);
      return client;
    };
    const before = await house.tls();
    const first = clientOf(before);
    await eventually('it serves', 30_000, () =>
      first.kv.put('a', '1').then(
        () => true,
        () => undefined,
      ),
    );
    const holder = clientOf(before);
    const held = await holder.lock('through-it-all').acquire();
    const writer = new Writer(first, 'a');
    bed.atEnd(() => writer.end());

    /** Passes until it holds, with whoever comes now served as well. */
    const passUntil = async (what: string, holds: (tls: Tls) => boolean): Promise<void> => {
      await eventually(
        what,
        STEP_MS,
        async () => {
          await house.pass();
          return holds(await house.tls('member')) ? true : undefined;
        },
        250,
      );
      await clientOf(await house.tls()).kv.put('b', what);
    };
    const old = await house.tls('member');

    // Its time has come. One pod does not get the Secret.
    house.nowMs = dueMs;
    const slow = house.pods[2]!.mount;
    slow.lagMs = Infinity;
    await passUntil('step 1: both are trusted', (tls) => count(tls) === 2);
    house.nowMs += 61 * DAY_MS;
    for (let passes = 0; passes < 30; passes++) {
      expect((await house.pass()).rotation).toMatch(/step 2 of 3/);
      await sleep(250);
    }
    expect((await house.pass()).problem).toMatchObject({ reason: 'RotationHeldUp' });
    expect(count(await house.tls('member'))).toBe(2);
    const renewed = await house.tls('member');

    slow.lagMs = 3_000;
    await passUntil('step 2: certificates of the new one', ({ cert }) => cert !== renewed.cert);
    expect(count(await house.tls('member'))).toBe(2);
    expect((await house.pass()).rotation).toMatch(/step 3 of 3 .* waits until/);
    house.nowMs += 61 * DAY_MS;
    await passUntil('step 3: the new one alone', (tls) => count(tls) === 1);
    expect((await house.tls()).ca).not.toContain(old.ca.trim());

    const refuses = async (tls: Tls): Promise<boolean> => {
      const as = credentials.createSsl(Buffer.from(tls.ca), Buffer.from(tls.key), Buffer.from(tls.cert));
      const answers = await Promise.all(house.endpoints.map((endpoint) => askStatus(endpoint, as)));
      return answers.every((answer) => answer === undefined);
    };
    const now = await house.tls();
    // Members take the last step within seconds; then the old certificate opens nothing any more.
    await eventually(
      'the old certificate is refused',
      STEP_MS,
      async () => {
        await house.pass();
        return (await refuses({ ...before, ca: now.ca })) ? true : undefined;
      },
      250,
    );
    expect(await refuses(now)).toBe(false);
    const other = await Authority.create('another cluster');
    const strange = await other.issue({ name: 'client', role: 'aegis:client' });
    expect(await refuses({ ...strange, ca: now.ca })).toBe(true);
    const bare = credentials.createSsl(Buffer.from(now.ca));
    for (const endpoint of house.endpoints) expect(await askStatus(endpoint, bare)).toBeUndefined();

    await writer.end();
    expect(writer.errors).toEqual([]);
    expect(writer.writes).toBeGreaterThan(100);
    expect(held.signal.aborted).toBe(false);
    expect(house.pods.map(({ life }) => life.running)).toEqual([true, true, true]);
    process.stderr.write(
      `${writer.writes} writes through the rotation, the longest of ${Math.round(writer.longestMs)} ms\n`,
    );
  },
);
