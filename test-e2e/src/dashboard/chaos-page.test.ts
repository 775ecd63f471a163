import { beforeAll, expect, test } from '@jest/globals';

import { TestBed } from '../harness/test-bed.js';
import { UpCluster } from '../harness/up.js';
import { FAINT } from './faint.js';
import { keep, withBrowser } from './looked-at.js';

const TRACE = 'follower-paused';

/** The page of faults, on a real cluster. */
withBrowser('the page of faults', (open) => {
  const bed = new TestBed();
  let cluster: UpCluster;
  beforeAll(async () => {
    cluster = await UpCluster.start(bed, 'faults', 5, '--allow-faults');
  }, 90_000);

  test('without what aegis up said it shows nothing, and says what to do', async () => {
    const tab = await open(new URL('/', cluster.chaosPage).href);
    await tab.shows('open the address that aegis up said');
    expect(await tab.text('#traces')).toBe('');
  });

  test('a trace is run and stopped, and the page says what was done; it fits 400 pixels and has contrast', async () => {
    const tab = await open(cluster.chaosPage!);
    await tab.shows(TRACE, '#traces');
    expect(
      await tab.value(`document.querySelectorAll('#traces button:not(:disabled)').length`),
    ).toBeGreaterThan(20);
    await tab.click(`[aria-label="Run ${TRACE}"]`);
    await tab.shows(`${TRACE} runs`, '#notice');
    expect(await tab.value(`document.querySelectorAll('#traces button:not(:disabled)').length`)).toBe(0);
    await tab.shows('begin pause', '#lines', 60_000);
    const { members } = await cluster.status();
    expect(members.map(({ healthy }) => healthy)).toContain(false);
    await keep(tab, 'faults');
    for (const scheme of ['light', 'dark'] as const) {
      await tab.scheme(scheme);
      expect(await tab.value(FAINT)).toEqual([]);
    }
    expect(await tab.value('document.documentElement.scrollWidth')).toBeLessThanOrEqual(400);
    await tab.click('#stop');
    await tab.shows('It was stopped, and what it did is undone', '#result', 30_000);
    await tab.shows('No trace runs', '#notice');
    expect((await cluster.status()).members.every(({ healthy }) => healthy)).toBe(true);
    const origin = new URL('/', cluster.chaosPage).href;
    expect(tab.requests.filter((url) => !url.startsWith(origin))).toEqual([]);
    expect(tab.problems).toEqual([]);
  });
});
