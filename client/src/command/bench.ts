import type { Command } from 'commander';
import { benchKv, type KvBenchResult, type KvLoad } from '../bench/kv-bench.js';
import { benchLease, type LeaseBenchResult } from '../bench/lease-bench.js';
import { benchLock, type LockBenchResult } from '../bench/lock-bench.js';
import { benchWatch, type WatchBenchResult } from '../bench/watch-bench.js';
import type { Percentiles } from '../bench/latency.js';
import { table } from '../status/render.js';
import { clientOf, globalFlags, reach } from './context.js';
import { parseDuration, parseWhole } from './parse.js';
import { print } from './print.js';
import { withProgress } from '../terminal/progress.js';
import type { OnPhase } from '../bench/phases.js';

interface LoadFlags {
  readonly clients: string;
  readonly connections: string;
  readonly seconds: string;
  readonly ttl: string;
}

interface Load {
  readonly clients: number;
  readonly connections: number;
  readonly seconds: number;
  readonly ttlMs: number;
}

export function addBench(program: Command): void {
  const bench = program.command('bench').description('measure a cluster in a closed loop');
  withLoad(bench.command('lock'), '100', '10s')
    .description('every client takes a lock of its own and gives it back, over and over')
    .option('--locks <n>', 'share so many locks among the clients, to measure the queues')
    .option('--warmup <duration>', 'not measured', '1s')
    .action(async (options: LoadFlags & { locks?: string; warmup: string }, command: Command) => {
      const load = loadOf(options);
      const locks =
        options.locks === undefined ? undefined : parseWhole('--locks', options.locks, 1, 1_000_000);
      const warmupSeconds = parseDuration('--warmup', options.warmup, 0) / 1_000;
      const flags = globalFlags(command);
      const result = await withConnections(command, load.connections, (connections, onPhase) => {
        onPhase('measuring', (warmupSeconds + load.seconds) * 1_000);
        return benchLock(connections, { ...load, locks, warmupSeconds });
      });
      print(flags, result, lockText(result));
    });
  withLoad(bench.command('lease'), '1000', '30s')
    .description('so many leases, each kept alive at a third of its TTL')
    .action(async (options: LoadFlags, command: Command) => {
      const load = loadOf(options);
      const result = await withConnections(command, load.connections, (connections, onPhase) =>
        benchLease(connections, load, onPhase),
      );
      print(globalFlags(command), result, leaseText(result));
    });
  addKvBench(bench, 'put', 'every client sets one of the keys, over and over');
  addKvBench(bench, 'get', 'every client reads one of the keys, linearizably, over and over');
  addKvBench(bench, 'mix', 'every client reads or sets one of the keys, over and over');
  addWatchBench(bench);
}

function addWatchBench(bench: Command): void {
  withClients(bench.command('watch'), '1000')
    .description('one key is set at a steady pace, and so many clients watch its prefix')
    .option('--value-size <bytes>', 'of every value', '256')
    .option('--every <duration>', 'from one put to the next', '100ms')
    .action(async (options: WatchFlags, command: Command) => {
      const { clients, connections, seconds } = clientsOf(options);
      const valueBytes = parseWhole('--value-size', options.valueSize, 4, 1_000_000);
      const everyMs = parseDuration('--every', options.every);
      const result = await withConnections(command, connections, (reached, onPhase) => {
        onPhase('measuring', seconds * 1_000);
        return benchWatch(reached, { clients, seconds, valueBytes, everyMs });
      });
      print(globalFlags(command), result, watchText(result));
    });
}

interface WatchFlags extends Omit<LoadFlags, 'ttl'> {
  readonly valueSize: string;
  readonly every: string;
}

interface KvFlags extends Omit<LoadFlags, 'ttl'> {
  readonly valueSize: string;
  readonly keys: string;
  readonly warmup: string;
  readonly reads?: string;
  readonly stale?: boolean;
}

function addKvBench(bench: Command, kind: KvLoad, description: string): void {
  const command = withClients(bench.command(kind), '100')
    .description(description)
    .option('--value-size <bytes>', 'of every value', '256')
    .option('--keys <n>', 'so many keys, which are set before and deleted afterwards', '1000')
    .option('--warmup <duration>', 'not measured', '1s');
  if (kind !== 'put') command.option('--stale', 'read from one replica, without a quorum');
  if (kind === 'mix') command.option('--reads <percent>', 'how many of the operations are reads', '80');
  command.action(async (options: KvFlags, command: Command) => {
    const { clients, connections, seconds } = clientsOf(options);
    const load = {
      kind,
      clients,
      seconds,
      warmupSeconds: parseDuration('--warmup', options.warmup, 0) / 1_000,
      valueBytes: parseWhole('--value-size', options.valueSize, 0, 1_000_000),
      keys: parseWhole('--keys', options.keys, 1, 10_000_000),
      readShare: parseWhole('--reads', options.reads ?? '80', 0, 100) / 100,
      stale: options.stale === true,
    };
    const result = await withConnections(command, connections, (clients, onPhase) =>
      benchKv(clients, load, onPhase),
    );
    print(globalFlags(command), result, kvText(result));
  });
}

function withLoad(command: Command, clients: string, ttl: string): Command {
  return withClients(command, clients).option('--ttl <duration>', 'of every lease', ttl);
}

function withClients(command: Command, clients: string): Command {
  return command
    .option('--clients <n>', 'logical clients', clients)
    .option('--connections <n>', 'connections that they share', '20')
    .option('--seconds <n>', 'how long to measure', '10');
}

function loadOf(options: LoadFlags): Load {
  return { ...clientsOf(options), ttlMs: parseDuration('--ttl', options.ttl) };
}

function clientsOf(options: Omit<LoadFlags, 'ttl'>): Omit<Load, 'ttlMs'> {
  const clients = parseWhole('--clients', options.clients, 1, 10_000_000);
  const connections = parseWhole('--connections', options.connections, 1, 10_000);
  const seconds = parseWhole('--seconds', options.seconds, 1, 86_400);
  return { clients, connections: Math.min(clients, connections), seconds };
}

async function withConnections<T>(
  command: Command,
  count: number,
  work: (connections: ReturnType<typeof clientOf>[], onPhase: OnPhase) => Promise<T>,
): Promise<T> {
  const found = reach(globalFlags(command));
  const connections = Array.from({ length: count }, () => clientOf(found));
  try {
    return await withProgress('connecting', async (progress) => {
      await Promise.all(connections.map((client) => client.ping()));
      return work(connections, (what, ms) => progress.phase(what, ms));
    });
  } finally {
    for (const client of connections) client.abandon();
  }
}

function lockText(result: LockBenchResult): string {
  const head = `${result.cyclesPerSecond} lock + unlock cycles/s (${result.operationsPerSecond} operations/s), ${result.clients} clients over ${result.connections} connections, ${result.seconds} s`;
  return `${head}\n${latencyTable({ acquire: result.acquire, release: result.release })}\n${errorText(result.errors)}`;
}

function leaseText(result: LeaseBenchResult): string {
  const head = `${result.keepAlivesPerSecond} keepalives/s for ${result.leases} leases of ${result.ttlMs} ms over ${result.connections} connections, ${result.seconds} s; granted at ${result.grantsPerSecond}/s; ${result.lost} lost`;
  return `${head}\n${latencyTable({ 'keepalive batch': result.keepAlive })}\n${errorText(result.errors)}`;
}

function kvText(result: KvBenchResult): string {
  const head = `${result.operationsPerSecond} operations/s, ${result.clients} clients over ${result.connections} connections, ${result.keys} keys, values of ${result.valueBytes} bytes, ${result.seconds} s; ${result.clientCpuMicros} µs of client CPU an operation`;
  const { put, get } = result;
  const rows = { ...(put === undefined ? {} : { put }), ...(get === undefined ? {} : { get }) };
  return `${head}\n${latencyTable(rows)}\n${errorText(result.errors)}`;
}

function watchText(result: WatchBenchResult): string {
  const head = `${result.events} events of ${result.puts} puts to ${result.watchers} watchers over ${result.connections} connections, values of ${result.valueBytes} bytes, ${result.seconds} s; ${result.missing} missing`;
  return `${head}\n${latencyTable({ delivery: result.delivery })}\n${errorText(result.errors)}`;
}

function latencyTable(rows: Readonly<Record<string, Percentiles>>): string {
  const cells = Object.entries(rows).map(([name, { p50, p90, p99, max }]) => [name, p50, p90, p99, max]);
  return table(['MS', 'P50', 'P90', 'P99', 'MAX'], cells);
}

function errorText(errors: Record<string, number>): string {
  const counts = Object.entries(errors).map(([code, count]) => `${code} ${count}`);
  return counts.length === 0 ? 'no errors' : `errors: ${counts.join(', ')}`;
}
