import { expect, test } from '@jest/globals';

import type { Tab } from '../browser/tab.js';
import { FAINT } from './faint.js';
import { inBrowser } from './looked-at.js';

async function full(look: Parameters<Parameters<typeof inBrowser>[1]>[0]): Promise<Tab> {
  const { agent, tab } = await look();
  await agent.incident({ id: 'i-2', beganAt: Date.now() - 90_000 });
  await tab.shows('From signal to merge', '#incident');
  await tab.shows('250 leases', '#holdings');
  return tab;
}

inBrowser('the page of the dashboard', (look) => {
  test('asks its own server alone, and nothing goes wrong in it', async () => {
    const tab = await full(look);
    const origin = await tab.value<string>('location.origin');
    expect(tab.requests.length).toBeGreaterThan(15);
    expect(tab.requests.filter((url) => !url.startsWith(`${origin}/`))).toEqual([]);
    expect(tab.problems).toEqual([]);
    expect(tab.requests.every((url) => !url.endsWith('.test.js'))).toBe(true);
  });

  test('no script but its own runs, and no text becomes markup', async () => {
    const tab = await full(look);
    await tab.value(`{ const script = document.createElement('script');
      try { script.text = 'globalThis.ran = true'; } catch {}
      document.body.append(script); }`);
    expect(await tab.value('globalThis.ran === true')).toBe(false);
    await expect(tab.value(`document.body.innerHTML = '<b>markup</b>'`)).rejects.toThrow(/TrustedHTML/);
  });

  test('fits 400 pixels: nothing but its tables scrolls sideways', async () => {
    const tab = await full(look);
    await tab.resize({ width: 400, height: 800 });
    await tab.until('innerWidth === 400');
    expect(await tab.value('document.documentElement.scrollWidth')).toBeLessThanOrEqual(400);
  });

  test.each(['light', 'dark'] as const)('every text has enough contrast, %s', async (scheme) => {
    const tab = await full(look);
    await tab.scheme(scheme);
    expect(await tab.value(FAINT)).toEqual([]);
  });

  test('what can be worked has a name, and is reached with the keyboard in order', async () => {
    const tab = await full(look);
    const { nodes } = await tab.ask<{
      nodes: { role?: { value: string }; name?: { value: string }; ignored: boolean }[];
    }>('Accessibility.getFullAXTree');
    const named = ['button', 'tab', 'region', 'table', 'image', 'tabpanel', 'article', 'meter'];
    const without = nodes.filter(({ ignored, role, name }) => {
      return !ignored && named.includes(role?.value ?? '') && (name?.value ?? '') === '';
    });
    expect(without.map(({ role }) => role?.value)).toEqual([]);
    expect(nodes.filter(({ role }) => role?.value === 'heading').length).toBeGreaterThan(5);
    await tab.press('Tab');
    expect(await tab.value('document.activeElement.textContent')).toBe('To the content');
    const seen: string[] = [];
    for (let at = 0; at < 12; at++) {
      await tab.press('Tab');
      seen.push(
        await tab.value(
          `document.activeElement.id || document.activeElement.dataset.id || document.activeElement.tagName`,
        ),
      );
    }
    expect(seen).toContain('i-2');
    expect(seen).toContain('tab-leases');
  });
});
