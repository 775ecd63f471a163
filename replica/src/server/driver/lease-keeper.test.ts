import { describe, expect, test } from '@jest/globals';
import type { Command } from '@aegis/proto/replica/command';

import { ManualEnvironment } from '../../sim/manual-environment.js';
import { LeaseKeeper } from './lease-keeper.js';
import type { Settle } from './proposals.js';

function world() {
  const environment = new ManualEnvironment({ monotonicMs: 10_000 });
  const view = { leaseClockMs: 0, due: undefined as number | undefined, nextDeadlineMs: () => view.due };
  const out: { command: Command; settle: Settle }[] = [];
  const state = { leading: true, lastStampAt: 10_000 };
  const keeper = new LeaseKeeper(environment, view, {
    leading: () => state.leading,
    lastStampAt: () => state.lastStampAt,
    expiryLimit: () => 100,
    propose: (command, settle) => {
      out.push({ command, settle });
      state.lastStampAt = environment.monotonicMs();
    },
  });
  const tick = (ms: number): void => {
    environment.advance(ms);
    keeper.tick();
  };
  const cases = (): (string | undefined)[] => out.map(({ command }) => command.op?.$case);
  return { environment, view, out, state, keeper, tick, cases };
}

describe("the leader's part in lease time", () => {
  test('rule 2: an Advance every 500 ms while timed work exists and nothing else was stamped', () => {
    const w = world();
    w.tick(600);
    expect(w.cases()).toEqual([]);
    w.view.due = 60_000;
    w.tick(100);
    expect(w.cases()).toEqual(['advance']);
    w.tick(400);
    expect(w.cases()).toEqual(['advance']);
    w.tick(100);
    expect(w.cases()).toEqual(['advance', 'advance']);
  });

  test('rule 4: upTo is fixed first, then the sockets are read once round, then the Expire goes out', () => {
    const w = world();
    w.view.due = 5000;
    w.view.leaseClockMs = 5100;
    w.keeper.tick();
    expect(w.cases()).toEqual([]);
    w.view.leaseClockMs = 9000;
    w.environment.settle();
    expect(w.out.map(({ command }) => command.op)).toEqual([
      { $case: 'expire', value: { upToMs: 5100, limit: 100 } },
    ]);
  });

  test('one Expire at a time; the next follows at once while something is left that is due', () => {
    const w = world();
    w.view.due = 5000;
    w.view.leaseClockMs = 5100;
    w.tick(60);
    w.environment.settle();
    w.tick(60);
    w.environment.settle();
    expect(w.out).toHaveLength(1);
    w.out[0]!.settle(
      { result: { $case: 'expired', value: { leases: 1, waits: 0, delays: 0, more: true } } },
      undefined,
    );
    w.environment.settle();
    expect(w.out).toHaveLength(2);
    w.view.due = 7000;
    w.out[1]!.settle(
      { result: { $case: 'expired', value: { leases: 1, waits: 0, delays: 0, more: false } } },
      undefined,
    );
    w.environment.settle();
    expect(w.out).toHaveLength(2);
  });

  test('who leads no longer expires nothing', () => {
    const w = world();
    w.view.due = 5000;
    w.view.leaseClockMs = 5100;
    w.tick(60);
    w.state.leading = false;
    w.environment.settle();
    expect(w.out).toEqual([]);
    w.state.leading = true;
    w.tick(60);
    w.environment.settle();
    expect(w.out).toHaveLength(1);
  });
});
