import { FakeAgent } from '@aegis/agent/dashboard/testing';
import { afterAll, afterEach, beforeAll, describe, jest } from '@jest/globals';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { Chromium, noBrowser } from '../browser/chromium.js';
import type { Tab } from '../browser/tab.js';

export interface LookedAt {
  readonly agent: FakeAgent;
  readonly tab: Tab;
}

/** Pictures of what the tests saw, kept for people. */
const PICTURES = process.env['AEGIS_PICTURES'] ?? '.test/dashboard';

/** Tests in a real browser; without one they are left out, which is said aloud. */
export function withBrowser(
  name: string,
  tests: (open: (url: string, size?: { width: number; height: number }) => Promise<Tab>) => void,
): void {
  if (noBrowser !== undefined) {
    process.stderr.write(`\n${noBrowser}\n\n`);
    describe.skip(`${name} (${noBrowser})`, () => tests(() => Promise.reject(new Error(noBrowser))));
    return;
  }
  jest.setTimeout(120_000);
  describe(name, () => {
    let browser: Chromium;
    beforeAll(async () => {
      browser = await Chromium.start();
    });
    afterAll(() => browser.stop());
    tests((url, size) => browser.open(url, size));
  });
}

/** Tests of the dashboard. */
export function inBrowser(
  name: string,
  tests: (look: (many?: number, size?: { width: number; height: number }) => Promise<LookedAt>) => void,
): void {
  withBrowser(name, (open) => {
    const agents: FakeAgent[] = [];
    afterEach(async () => {
      for (const agent of agents.splice(0)) await agent.stop();
    });
    tests(async (many, size) => {
      const agent = await FakeAgent.start(many);
      agents.push(agent);
      const tab = await open(agent.url, size);
      await tab.until(`document.querySelector('#connection').dataset.state === 'live'`);
      return { agent, tab };
    });
  });
}

export async function keep(tab: Tab, name: string): Promise<void> {
  mkdirSync(PICTURES, { recursive: true });
  for (const scheme of ['light', 'dark'] as const)
    for (const width of [1_280, 400]) {
      await tab.scheme(scheme);
      await tab.resize({ width, height: 900 });
      await tab.picture(join(PICTURES, `${name}-${width}-${scheme}.png`));
    }
}
