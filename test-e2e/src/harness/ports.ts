import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** Below the range from which systems draw the ports of outgoing connections: a port stays free until it is used again. */
const LOWEST = 12_000;
const HIGHEST = 30_000;
/** Test files that run at once draw from parts of their own. */
const PARTS = 4;
const PART = Math.floor((HIGHEST - LOWEST) / PARTS);
const partFirst = LOWEST + PART * ((Number(process.env.JEST_WORKER_ID ?? 1) - 1) % PARTS);
/** Given out by this process already; perhaps not in use yet. */
const given = new Set<number>();

/** Loopback ports that nobody listens on now: `count` in a row. */
export async function freePorts(count: number): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const first = randomInt(partFirst, partFirst + PART - count);
    const ports = Array.from({ length: count }, (_, at) => first + at);
    if (ports.some((port) => given.has(port))) continue;
    for (const port of ports) given.add(port);
    const free = await Promise.all(ports.map(isFree));
    if (!free.includes(false)) return first;
  }
  throw new Error(`no ${count} free loopback ports in a row`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
