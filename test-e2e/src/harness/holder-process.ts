// A client process of its own, so that a test can stop it: takes a lock, then says what it may rely upon.
// `node holder-process.js LOCK TTL_MS ENDPOINT…`; one JSON object a line, times by this machine's monotonic clock.
import { connect } from '@aegis/client';

import { nowMs } from './clock.js';

const [lock = '', ttl = '', ...endpoints] = process.argv.slice(2);
const TURN_MS = 5;
/** A turn that comes this late: the process stood still. */
const STOOD_STILL_MS = 1_000;

const held = await connect({ endpoints }).session(Number(ttl)).lock(lock).acquire();
held.signal.addEventListener('abort', () => say('aborted', { lastValidMs }));
let lastTurnMs = nowMs();
let lastValidMs = lastTurnMs;
say('held', { token: held.token });

setInterval(() => {
  const turnMs = nowMs();
  const slept = turnMs - lastTurnMs > STOOD_STILL_MS;
  lastTurnMs = turnMs;
  const { valid } = held;
  if (valid) lastValidMs = turnMs;
  // The timers that were due are over when the immediates run.
  if (slept) setImmediate(() => say('woke', { valid, abortedInFirstTurn: held.signal.aborted }));
}, TURN_MS);

function say(event: string, facts: object): void {
  process.stdout.write(`${JSON.stringify({ event, atMs: nowMs(), ...facts })}\n`);
}
