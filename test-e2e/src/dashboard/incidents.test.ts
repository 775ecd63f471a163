import { expect, test } from '@jest/globals';

import { inBrowser, keep } from './looked-at.js';

const HOUR_MS = 3_600_000;
const count = (selector: string): string => `document.querySelectorAll(${JSON.stringify(selector)}).length`;

inBrowser('incidents on the dashboard', (look) => {
  test('none so far; then one appears by itself, on the timeline, in the list and open', async () => {
    const { agent, tab } = await look();
    await tab.shows('No incident so far', '#timeline');
    expect(await tab.value(`document.querySelector('#incident').checkVisibility()`)).toBe(false);
    await agent.incident({ id: 'i-2', beganAt: Date.now() - 90_000 });
    await tab.until(`${count('#timeline .span')} === 1`);
    await tab.shows('still open', '#incidents');
    await tab.shows('From signal to merge', '#incident');
    expect(await tab.value(`document.querySelector('.span').dataset.open`)).toBe('true');
    await keep(tab, 'incident-with-causes');
  });

  test('the signals of its class against their bounds, ranked causes, and the path of the first', async () => {
    const { agent, tab } = await look();
    await agent.incident({ id: 'i-2', beganAt: Date.now() - 90_000 });
    await tab.shows('the term changes again and again', '#incident');
    expect(await tab.value(count('#incident .worst'))).toBeGreaterThan(0);
    expect(await tab.value(count('#incident .limit'))).toBe(await tab.value(count('#incident .worst')));
    expect(await tab.text('#incident [aria-label="Ranked causes"]')).toMatch(/1\s+loop-stalled, replica ash/);
    expect(await tab.text('#incident .chain')).toMatch(/loop-stalled[^]*ElectionStorm[^]*LeaderLost/);
  });

  test('a proposal with both distributions drawn, that waits for a person', async () => {
    const { agent, tab } = await look();
    await agent.incident({ id: 'i-2', beganAt: Date.now() - 90_000 });
    await tab.shows('PullRequestOpen', '#incident');
    expect(await tab.value(count('.distributions .before .dot'))).toBe(12);
    expect(await tab.value(count('.distributions .after .dot'))).toBe(12);
    expect(await tab.value(count('.distributions .pair'))).toBe(12);
    const places = (side: string) =>
      tab.value<number[]>(
        `[...document.querySelectorAll('.${side} .dot')].map((each) => each.cx.baseVal.value)`,
      );
    expect(Math.min(...(await places('before')))).toBeGreaterThan(Math.max(...(await places('after'))));
    expect(await tab.value(`document.querySelector('.way [data-state="waits"]').innerText`)).toContain(
      'Merge',
    );
    expect(await tab.text('#incident')).toMatch(/Is\s+Would be[^]*It ends by itself at/);
    await keep(tab, 'proposal');
  });

  test('a merged one, with who merged it; another is chosen with the keyboard and stays in the address', async () => {
    const { agent, tab } = await look();
    const now = Date.now();
    await agent.incident({
      id: 'i-1',
      beganAt: now - 3 * HOUR_MS,
      endedAt: now - 2.9 * HOUR_MS,
      kind: 'full-disk',
    });
    await agent.incident({
      id: 'i-2',
      beganAt: now - HOUR_MS,
      endedAt: now - 0.9 * HOUR_MS,
      became: 'Merged',
    });
    await tab.shows('by ada', '#incident');
    expect(await tab.value(count('.way [data-state="done"]'))).toBe(9);
    const said = await tab.text('#incident');
    expect(said).toMatch(/Was\s+Is\s/);
    expect(said).not.toContain('ends by itself');
    await keep(tab, 'merged');
    await tab.value(`document.querySelector('[data-id="i-1"]').focus()`);
    await tab.press('Enter');
    await tab.shows('DiskStall', '#incident-title');
    expect(await tab.value('location.hash')).toBe('#incident=i-1');
    expect(await tab.value('document.activeElement.dataset.id')).toBe('i-1');
    await tab.shows('No setting is proposed', '#incident');
    expect(await tab.text('.way [data-state="stopped"]')).toContain('No setting helps');
  });

  test('an address of one that is not there', async () => {
    const { agent, tab } = await look();
    await agent.incident({ id: 'i-2', beganAt: Date.now() - 90_000 });
    await tab.shows('ElectionStorm', '#incident');
    await tab.value(`location.hash = 'incident=i-9'`);
    await tab.shows('there is no incident i-9', '#incident');
  });
});
