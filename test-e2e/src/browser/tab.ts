import { writeFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';

import type { DevTools } from './dev-tools.js';

const LOOK_MS = 25;
const TURNS = 'disabled-by-default-devtools.timeline';

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** What a trace says of a stretch of work; microseconds, `tdur` on a processor. */
interface Traced {
  readonly name: string;
  readonly tdur?: number;
}

/** One page in the browser. */
export class Tab {
  /** What went wrong in it: exceptions, and what the browser refused or could not load. */
  readonly problems: string[] = [];
  /** All that it asked for. */
  readonly requests: string[] = [];
  #traced: Traced[] = [];
  #traceEnded?: () => void;

  private constructor(
    private readonly tools: DevTools,
    private readonly session: string,
  ) {
    tools.listen(session, (method, params) => this.#hear(method, params));
  }

  static async make(tools: DevTools, size: Size): Promise<Tab> {
    const { targetId } = await tools.ask<{ targetId: string }>('Target.createTarget', { url: 'about:blank' });
    const { sessionId } = await tools.ask<{ sessionId: string }>('Target.attachToTarget', {
      targetId,
      flatten: true,
    });
    const tab = new Tab(tools, sessionId);
    for (const domain of ['Page', 'Runtime', 'Log', 'Network', 'Accessibility'])
      await tab.ask(`${domain}.enable`);
    await tab.resize(size);
    return tab;
  }

  ask<T = unknown>(method: string, params: object = {}): Promise<T> {
    return this.tools.ask<T>(method, params, this.session);
  }

  async goTo(url: string): Promise<void> {
    await this.ask('Page.navigate', { url });
    await this.until(`document.readyState === 'complete'`);
  }

  resize({ width, height }: Size): Promise<unknown> {
    return this.ask('Emulation.setDeviceMetricsOverride', {
      width,
      height,
      deviceScaleFactor: 1,
      mobile: width < 500,
    });
  }

  scheme(value: 'light' | 'dark'): Promise<unknown> {
    return this.ask('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value }] });
  }

  /** The value of an expression; promises are waited for. Throws what it throws. */
  async value<T>(expression: string): Promise<T> {
    const { result, exceptionDetails } = await this.ask<{
      result: { value: T };
      exceptionDetails?: { text: string; exception?: { description?: string } };
    }>('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true });
    if (exceptionDetails !== undefined)
      throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  }

  /** The text of what a selector finds first, as it is shown; empty: nothing. */
  text(selector: string): Promise<string> {
    return this.value(`document.querySelector(${JSON.stringify(selector)})?.innerText ?? ''`);
  }

  /** @returns how long it took, milliseconds */
  async until(expression: string, withinMs = 20_000): Promise<number> {
    const began = performance.now();
    for (;;) {
      const holds = await this.value<boolean>(`Boolean(${expression})`).catch(() => false);
      const tookMs = performance.now() - began;
      if (holds) return tookMs;
      if (tookMs > withinMs)
        throw new Error(
          `not within ${withinMs} ms: ${expression}. The page says: ${await this.text('body')}`,
        );
      await wait(LOOK_MS);
    }
  }

  shows(text: string, selector = 'body', withinMs?: number): Promise<number> {
    return this.until(
      `document.querySelector(${JSON.stringify(selector)})?.innerText.includes(${JSON.stringify(text)})`,
      withinMs,
    );
  }

  /** The longest turn of a thread while something is done, milliseconds on a processor: what else the machine does is not in it. */
  async longestTurnMs(doing: () => Promise<void>): Promise<number> {
    this.#traced = [];
    const ended = new Promise<void>((resolve) => (this.#traceEnded = resolve));
    await this.ask('Tracing.start', { categories: TURNS, transferMode: 'ReportEvents' });
    await doing();
    await this.ask('Tracing.end');
    await ended;
    const turns = this.#traced.flatMap(({ name, tdur }) =>
      name === 'RunTask' && tdur !== undefined ? [tdur / 1000] : [],
    );
    if (turns.length === 0) throw new Error('the trace holds no turns');
    return Math.max(...turns);
  }

  click(selector: string): Promise<void> {
    return this.value(`document.querySelector(${JSON.stringify(selector)}).click()`);
  }

  async press(key: string): Promise<void> {
    const codes: Readonly<Record<string, number>> = { Tab: 9, Enter: 13, ArrowRight: 39, ArrowLeft: 37 };
    const what = { key, code: key, windowsVirtualKeyCode: codes[key] ?? 0 };
    await this.ask('Input.dispatchKeyEvent', {
      type: 'keyDown',
      ...what,
      ...(key === 'Enter' ? { text: '\r' } : {}),
    });
    await this.ask('Input.dispatchKeyEvent', { type: 'keyUp', ...what });
  }

  /** The whole page as a PNG. */
  async picture(file: string): Promise<void> {
    const { data } = await this.ask<{ data: string }>('Page.captureScreenshot', {
      captureBeyondViewport: true,
    });
    writeFileSync(file, Buffer.from(data, 'base64'));
  }

  #hear(method: string, params: Readonly<Record<string, unknown>>): void {
    if (method === 'Tracing.dataCollected') this.#traced.push(...(params['value'] as readonly Traced[]));
    if (method === 'Tracing.tracingComplete') this.#traceEnded?.();
    if (method === 'Runtime.exceptionThrown') this.problems.push(JSON.stringify(params['exceptionDetails']));
    if (method === 'Network.requestWillBeSent')
      this.requests.push((params['request'] as { readonly url: string }).url);
    if (method === 'Log.entryAdded') {
      const { level, text, url = '' } = params['entry'] as { level: string; text: string; url?: string };
      if (level === 'error') this.problems.push(`${text} ${url}`);
    }
  }
}
