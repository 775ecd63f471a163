import { expect, test } from '@jest/globals';

import { inBrowser } from './looked-at.js';

const FRAME_MS_MAX = 100;

const lock = (name: string, waiting = 0) => ({
  ...{ name, holderCount: 1, waiterCount: waiting, holders: [{ lease: '17', token: 901 }] },
  waiters: waiting > 0 ? [{ lease: '18' }] : [],
});

inBrowser('what clients hold on the dashboard', (look) => {
  test('100,000 leases, page by page, without a frame over 100 ms', async () => {
    const { agent, tab } = await look();
    for (const { facts } of agent.replicas) facts.leases = 100_000;
    await tab.shows('100,000 leases', '#holdings', 30_000);
    for (let page = 1; page <= 4; page++) {
      const longestMs = await tab.longestTurnMs(async () => {
        await tab.click('#holdings .bar:nth-of-type(2) button:nth-of-type(3)');
        await tab.shows(`${page}01 to ${page + 1}00`, '#holdings-said');
        await tab.value(`new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))`);
      });
      expect(longestMs).toBeLessThan(FRAME_MS_MAX);
    }
    expect(await tab.value(`document.querySelectorAll('#holdings-panel tbody tr').length`)).toBe(100);
    expect(await tab.text('#holdings-panel tbody th')).toBe('401');
    await tab.click('#holdings .bar:nth-of-type(2) button:nth-of-type(2)');
    await tab.shows('301 to 400', '#holdings-said');
    await tab.click('#holdings .bar:nth-of-type(2) button:nth-of-type(1)');
    await tab.shows(', 1 to 100', '#holdings-said');
  });

  test('names are text: markup does nothing, directions stay within, what is long is cut', async () => {
    const { agent, tab } = await look();
    const names = [
      '<img src=x onerror="document.title=1"><script>document.title=2</script>',
      'invoice\u202Efdp.exe',
      'x'.repeat(4_096),
      '👩‍🚀 قفل',
    ];
    for (const { facts } of agent.replicas) facts.locks = names.map((name) => lock(name));
    await tab.click('#tab-locks');
    await tab.shows('invoice⟨U+202E⟩fdp.exe', '#holdings-panel');
    expect(
      await tab.value(`document.querySelectorAll('#holdings-panel img, #holdings-panel script').length`),
    ).toBe(0);
    expect(
      await tab.value(
        `[...document.querySelectorAll('#holdings-panel tbody th bdi')].map((each) => each.textContent.length)`,
      ),
    ).toEqual([49, expect.any(Number), 49, names[3]!.length]);
    expect(
      await tab.value(`getComputedStyle(document.querySelector('#holdings-panel bdi')).unicodeBidi`),
    ).toBe('isolate');
    expect(await tab.value('document.title')).toBe('AEGIS orders');
    expect(tab.problems).toEqual([]);
  });

  test('locks with their holders and who waits; elections, of which there are none', async () => {
    const { agent, tab } = await look();
    for (const { facts } of agent.replicas) facts.locks = [lock('orders/42', 7)];
    await tab.click('#tab-locks');
    await tab.shows('17 (token 901)', '#holdings-panel');
    expect(await tab.text('#holdings-panel')).toContain('18 and 6 more');
    await tab.value(`document.querySelector('#tab-locks').focus()`);
    await tab.press('ArrowRight');
    await tab.shows('0 elections, none here', '#holdings-said');
    expect(await tab.value('document.activeElement.id')).toBe('tab-elections');
  });

  test('when no replica answers, it says so and why', async () => {
    const { agent, tab } = await look();
    await tab.shows('250 leases', '#holdings');
    for (const replica of agent.replicas) await replica.stop();
    await tab.click('#holdings .bar:nth-of-type(2) button:nth-of-type(4)');
    await tab.shows('no replica tells its leases: ash: no answer', '#holdings-said');
  });
});
