import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { DevTools } from './dev-tools.js';
import { Tab } from './tab.js';

const PROGRAM = process.env['AEGIS_CHROMIUM'] ?? '/usr/bin/chromium';
const START_MS = 60_000;
const QUIET = [
  ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-default-apps'],
  ...['--disable-background-timer-throttling', '--disable-dev-shm-usage', '--hide-scrollbars'],
  // Nothing but this machine is reached, whatever a page asks for.
  ...['--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1', '--lang=en-US'],
];

/** Undefined: there is a browser. Otherwise what people have to do. */
export const noBrowser: string | undefined = existsSync(PROGRAM)
  ? undefined
  : `There is no browser at ${PROGRAM}: the dashboard was NOT tested. Get one with apt-get install chromium, or name it in AEGIS_CHROMIUM.`;

/** A real browser without a window, with a profile of its own that goes with it. */
export class Chromium {
  private constructor(
    private readonly child: ChildProcess,
    private readonly profile: string,
    private readonly tools: DevTools,
  ) {}

  static async start(): Promise<Chromium> {
    const profile = mkdtempSync(join(tmpdir(), 'aegis-chromium-'));
    const child = spawn(
      PROGRAM,
      [...QUIET, '--remote-debugging-port=0', `--user-data-dir=${profile}`, 'about:blank'],
      {
        stdio: ['ignore', 'ignore', 'pipe'],
        env: { ...process.env, TZ: 'UTC' },
      },
    );
    try {
      return new Chromium(child, profile, await DevTools.connect(await addressOf(child)));
    } catch (error) {
      child.kill('SIGKILL');
      throw error;
    }
  }

  async open(url: string, size = { width: 1280, height: 900 }): Promise<Tab> {
    const tab = await Tab.make(this.tools, size);
    await tab.goTo(url);
    return tab;
  }

  async stop(): Promise<void> {
    this.tools.close();
    const gone = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill('SIGKILL');
    await gone;
    rmSync(this.profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** What it says once it listens. */
function addressOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    const late = setTimeout(
      () => reject(new Error(`Chromium did not start in ${START_MS} ms: ${said}`)),
      START_MS,
    );
    child.once('error', reject);
    child.once('exit', () => reject(new Error(`Chromium ended: ${said}`)));
    child.stderr!.on('data', (piece: Buffer) => {
      said = `${said}${piece.toString()}`.slice(-4_000);
      const [, address] = /DevTools listening on (ws:\/\/\S+)/.exec(said) ?? [];
      if (address === undefined) return;
      clearTimeout(late);
      resolve(address);
    });
  });
}
