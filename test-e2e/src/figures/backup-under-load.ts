import { connect, type Client } from '@aegis/client';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { createHash } from 'node:crypto';

import { nowMs } from '../harness/clock.js';
import { Guardian } from '../harness/guardian.js';
import { freePorts } from '../harness/ports.js';
import { AEGIS_PROGRAM } from '../harness/programs.js';
import { Spawned } from '../harness/spawned.js';
import { count, onCluster, rounded, say } from './stage.js';

/** A backup while puts come at a fixed rate, and the cluster made out of it. Arguments: puts a second (10,000), keys (100,000). */
const RATE = count(0, 10_000);
const KEYS = count(1, 100_000);
const VALUE = Buffer.alloc(256, 'v');
const CONNECTIONS = 20;
const TURN_MS = 10;
/** More than this many unanswered and the load waits, as any client with limits does. */
const IN_FLIGHT_MAX = 5_000;
const MEASURED_MS = 5_000;

/** Puts at a fixed rate, whatever the cluster makes of them. */
class OpenLoop {
  acknowledged = 0;
  readonly failures: string[] = [];
  private inFlight = 0;
  private over = false;
  private readonly ended: Promise<void>;

  constructor(private readonly clients: readonly Client[]) {
    this.ended = this.run();
  }

  async rateDuring(moment: Promise<unknown>): Promise<number> {
    const [began, before] = [nowMs(), this.acknowledged];
    await moment;
    return Math.round(((this.acknowledged - before) * 1_000) / (nowMs() - began));
  }

  async stop(): Promise<void> {
    this.over = true;
    await this.ended;
    while (this.inFlight > 0) await sleep(TURN_MS);
  }

  private async run(): Promise<void> {
    const beganMs = nowMs();
    for (let sent = 0; !this.over; await sleep(TURN_MS)) {
      const due = ((nowMs() - beganMs) * RATE) / 1_000;
      // What it had to wait for is not made up afterwards.
      if (this.inFlight >= IN_FLIGHT_MAX) sent = due;
      for (; sent < due && this.inFlight < IN_FLIGHT_MAX; sent++) this.put(Math.floor(sent));
    }
  }

  private put(at: number): void {
    this.inFlight++;
    const { kv } = this.clients[at % this.clients.length]!;
    kv.put(`key/${at % KEYS}`, VALUE)
      .then(
        () => this.acknowledged++,
        (error: unknown) => this.failures.push(String(error)),
      )
      .finally(() => this.inFlight--);
  }
}

/** Of every key, value and revision, in their order, as of one revision. */
async function digestOf(client: Client, revision?: number): Promise<string> {
  const hash = createHash('sha256');
  for await (const kv of client.kv.prefix('', revision === undefined ? {} : { revision })) {
    hash.update(kv.key).update(kv.value).update(`${kv.createRevision} ${kv.modRevision} ${kv.version}\n`);
  }
  return hash.digest('hex');
}

const guardian = new Guardian();
const folder = mkdtempSync(join(tmpdir(), 'aegis-backup-'));
guardian.remove(folder);

async function command(...args: string[]): Promise<string> {
  const ran = new Spawned(guardian, `aegis ${args[0]}`, [AEGIS_PROGRAM, ...args]);
  if ((await ran.status(180_000)) !== 0) throw new Error(ran.tail());
  return ran.stdout.join('\n');
}

async function json<T>(...args: string[]): Promise<T> {
  return JSON.parse(await command(...args, '--json')) as T;
}

interface Backup {
  readonly bytes: number;
  readonly revision: number;
  readonly newestToken: number;
}

try {
  await onCluster(async (cluster) => {
    const clients = Array.from({ length: CONNECTIONS }, () => cluster.connect());
    await clients[0]!.lock('a-lock').run(async () => undefined);
    let next = 0;
    const fillers = Array.from({ length: 1_000 }, async (_, at) => {
      while (next < KEYS) await clients[at % CONNECTIONS]!.kv.put(`key/${next++}`, VALUE);
    });
    await Promise.all(fillers);
    const load = new OpenLoop(clients);
    await sleep(2_000);
    const before = await load.rateDuring(sleep(MEASURED_MS));
    const file = join(folder, 'backup.aegis');
    const beganMs = nowMs();
    const backingUp = json<Backup>('backup', file, '--endpoints', cluster.endpoints.join());
    const during = await load.rateDuring(backingUp);
    const seconds = rounded((nowMs() - beganMs) / 1_000);
    const backup = await backingUp;
    const after = await load.rateDuring(sleep(MEASURED_MS));
    await load.stop();
    const ratio = rounded((2 * during) / (before + after));
    const failed = load.failures.length;
    say('backup under load', {
      asked: RATE,
      before,
      during,
      after,
      ratio,
      failed,
      seconds,
      bytes: backup.bytes,
    });

    const cut = await digestOf(clients[0]!, backup.revision);
    const now = await clients[0]!.kv.page({ key: 'key/0' });
    await cluster.stop();
    const restored = join(folder, 'restored');
    guardian.run(restored, [AEGIS_PROGRAM, 'down', '--volumes', '--dir', restored]);
    const port = await freePorts(50);
    const place = ['--dir', restored, '--base-port', `${port}`, '--insecure'];
    const restoreMs = nowMs();
    const made = await json<{ revision: number; newestToken: number }>('restore', file, ...place);
    await command('up', '--detach', '--dir', restored);
    const fresh = connect({ endpoints: [`127.0.0.1:${port}`] });
    const equal = (await digestOf(fresh)) === cut;
    const held = await fresh.session(10_000).lock('a-lock').acquire();
    say('restored', {
      equalToTheCut: equal,
      seconds: rounded((nowMs() - restoreMs) / 1_000),
      newestRevisionBefore: now.revision,
      revision: made.revision,
      newestTokenBefore: backup.newestToken,
      nextToken: held.token,
    });
    fresh.abandon();
    await command('down', '--volumes', '--dir', restored);
    guardian.done(restored);
    if (!equal) throw new Error('what was restored is not the cut');
  });
} finally {
  await guardian.close();
}
