import { expect, test } from '@jest/globals';

import { Metrics } from './metrics.js';

test('some metrics may be asked for by name, which leaves the others as they are', async () => {
  const metrics = new Metrics({ process: false });
  metrics.term.set(7);
  metrics.roundTrip.observe({ to: 2 }, 0.01);
  const page = await metrics.only(['aegis_raft_term', 'no_such', 'aegis_raft_term', '__proto__']);
  expect(page.match(/^aegis_raft_term 7$/gm)).toHaveLength(1);
  expect(page).not.toContain('round_trip');
  expect(await metrics.only(['aegis_peer_round_trip_time_seconds'])).toContain('_bucket{le="0.01",to="2"} 1');
});

test('hashes that differ are counted from none on, so that a rate sees the first', async () => {
  const metrics = new Metrics({ process: false });
  for (const counter of [metrics.hashMismatches, metrics.hashesAgreed])
    expect((await counter.get()).values.map(({ labels, value }) => [labels['kind'], value])).toEqual([
      ['chained', 0],
      ['contents', 0],
    ]);
});
