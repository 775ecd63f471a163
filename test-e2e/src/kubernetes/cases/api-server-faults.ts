import { setTimeout as sleep } from 'node:timers/promises';

import { type Case, expect, type Stage } from './case.js';
import { answerOf, pods, startWeb } from './web.js';

const AWAY_MS = 10_000;
const needsOwn = ({ own }: Stage): string | undefined =>
  own === undefined ? 'the API server of a given cluster is not ours to kill' : undefined;

/** What runs goes on without the API server, and is controlled again once it is back. */
export const apiServerIsKilled: Case = {
  name: 'the API server is killed and away: pods go on; back, it controls them again',
  skip: needsOwn,
  async run(stage) {
    const { api } = stage.own!.plane;
    const before = await startWeb(stage, 2);
    const away = api.away(AWAY_MS);
    await sleep(AWAY_MS / 2);
    const { status } = await stage.kubectl.try(['get', 'nodes', '--request-timeout=2s']);
    expect(status !== 0, 'the API server answered while it was away');
    await away;
    const after = await pods(stage);
    const same = after.every(({ metadata }, index) => metadata.uid === before[index]?.metadata.uid);
    expect(same, 'the pods are not those of before');
    const startMs = performance.now();
    const more = await startWeb(stage, 3);
    expect(more.length === 3, `${more.length} pods`);
    stage.note(`a third pod ready ${((performance.now() - startMs) / 1000).toFixed(1)} s after it was back`);
  },
};

/** One that hangs takes connections and answers nothing; one that is slow answers late. */
export const apiServerIsSlow: Case = {
  name: 'the API server hangs: requests end by their timeout; slow, it answers late and everything still happens',
  skip: needsOwn,
  async run(stage) {
    const { api } = stage.own!.plane;
    const { kubectl } = stage;
    api.pause();
    try {
      const { status } = await kubectl.try(['get', 'nodes', '--request-timeout=2s']);
      expect(status !== 0, 'an API server that hangs answered');
    } finally {
      api.resume();
    }
    api.slow(200);
    try {
      const startMs = performance.now();
      await startWeb(stage, 2, 120);
      stage.note(
        `two pods ready after ${((performance.now() - startMs) / 1000).toFixed(1)} s of 200 ms stops`,
      );
    } finally {
      api.atFullSpeed();
    }
    await answerOf(stage, 'web-0', `any.${stage.namespace}`);
  },
};
