import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { LockMode } from '@aegis/proto/v1/lock';
import { commandOf, history, LEASES, NAMES } from './testing/history.js';
import { Model } from './testing/model.js';
import { outcomeOf, Script } from './testing/script.js';

const RUNS = Number(process.env['AEGIS_PROPERTY_RUNS'] ?? 150);

/** Results, what can be read, and the invariants, after every entry of a random history. */
test('does what the plain model of leases, locks, elections and sessions does', async () => {
  await fc.assert(
    fc.asyncProperty(history, async (turns) => {
      const script = await Script.start();
      const model = new Model();
      let newestToken = 0;
      for (const turn of turns) {
        if ('leader' in turn) {
          script.changeLeader();
          continue;
        }
        script.stampMs += turn.passMs;
        model.stampIt(script.term, script.stampMs);
        const index = script.machine.appliedIndex + 1;
        // What a draft names is known before the entry only; within it, leases may come and go.
        const commands = turn.drafts.map((draft) =>
          commandOf(draft, model.nowMs, (lease) => model.lease(lease)?.grantIndex),
        );
        const expected = commands.map(({ op, call }) => model.do(index, op!, call));
        const results = script.batch(commands).map(outcomeOf);
        expect(results.map(forgetText)).toEqual(expected);
        expectSame(script, model);
        newestToken = expectTokensGrow(script, newestToken);
        expectNoTwoHold(script);
      }
    }),
    { numRuns: RUNS },
  );
}, 120_000);

function forgetText(outcome: object): object {
  return 'error' in outcome ? { ...outcome, message: '' } : outcome;
}

function expectSame({ machine }: Script, model: Model): void {
  expect(machine.leaseClockMs).toBe(model.nowMs);
  expect(machine.newestToken).toBe(model.tokens);
  const deadlines = [
    ...model.leases.map(({ deadline }) => deadline),
    ...model.delays.map(({ until }) => until),
    ...model.claims.filter(({ token }) => token === 0).map(({ waitUntil }) => waitUntil),
  ].filter(Number.isFinite);
  expect(machine.nextDeadlineMs() ?? Infinity).toBe(Math.min(...deadlines));
  expect(machine.hasTimedWork).toBe(deadlines.length > 0);
  expect(machine.dueCount(model.nowMs)).toBe(deadlines.filter((at) => at <= model.nowMs).length);
  expect(machine.counts).toEqual({
    leases: model.leases.length,
    locks: namesInUse(model, 'lock'),
    elections: namesInUse(model, 'election'),
    holders: model.claims.filter(({ token }) => token > 0).length,
    waiters: model.claims.filter(({ token }) => token === 0).length,
    delays: model.delays.length,
    sessionResults: model.leases.reduce((sum, { results }) => sum + results.size, 0),
    resultBytes: expect.any(Number),
  });
  for (const id of LEASES) {
    const expected = model.lease(id);
    expect(machine.lease(id)?.remainingMs).toBe(expected && expected.deadline - model.nowMs);
    expect(machine.lease(id)?.grantIndex).toBe(expected?.grantIndex);
  }
  for (const name of NAMES) {
    const lock = machine.lock(name);
    const place = { kind: 'lock' as const, name };
    expect(lock.holders.map(({ lease, claim, token }) => [lease, claim, token])).toEqual(
      model.holders(place).map(({ lease, claim, token }) => [lease, claim, token]),
    );
    expect(lock.waiters.map(({ lease, claim }) => [lease, claim])).toEqual(
      model.waiters(place).map(({ lease, claim }) => [lease, claim]),
    );
    expect(lock.delayRemainingMs).toBe(Math.max(0, (model.delay(place)?.until ?? 0) - model.nowMs));
    const { leader } = machine.leader(name);
    const [expected] = model.holders({ kind: 'election', name });
    expect(leader?.value.toString()).toBe(expected?.value);
    expect(leader?.token).toBe(expected?.token);
  }
}

function namesInUse(model: Model, kind: 'lock' | 'election'): number {
  return new Set(
    [...model.claims, ...model.delays].filter((each) => each.kind === kind).map(({ name }) => name),
  ).size;
}

/** In the order of the events, which is the order of the log. */
function expectTokensGrow(script: Script, newest: number): number {
  let last = newest;
  for (const { type, token } of script.events) {
    if (type !== 'granted') continue;
    expect(token).toBeGreaterThan(last);
    last = token;
  }
  return last;
}

function expectNoTwoHold({ machine }: Script): void {
  for (const name of NAMES) {
    const { holders, permits } = machine.lock(name);
    if (holders.some(({ mode }) => mode === LockMode.EXCLUSIVE)) expect(holders).toHaveLength(1);
    if (holders.some(({ mode }) => mode === LockMode.SEMAPHORE))
      expect(holders.length).toBeLessThanOrEqual(permits);
  }
}
