import { readAssets } from './http/assets.js';
import { DashboardServer } from './http/server.js';
import type { Views } from './views.js';

/** What the agent shows to people. */
export class Dashboard {
  readonly server: DashboardServer;

  /**
   * Throws where the page is not built.
   * @param hosts names by which people reach it, besides those of this machine
   */
  constructor(
    private readonly views: Views,
    hosts: readonly string[],
  ) {
    this.server = new DashboardServer({ assets: readAssets(), views, hosts });
  }

  async stop(): Promise<void> {
    this.views.stop();
    await this.server.stop();
  }
}
