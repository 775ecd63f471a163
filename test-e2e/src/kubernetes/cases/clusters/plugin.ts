import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Plugin } from '../../plugin.js';
import { type Case, expect } from '../case.js';
import { startOperator } from '../release/operator.js';
import { READY_MS_MAX, RunningCluster } from './running.js';

interface Member {
  readonly pod: string;
  readonly status?: { readonly memberId: number; readonly role: string };
}

export const pluginAnswers: Case = {
  name: 'kubectl aegis: status, members through port-forward, a handover, recommendations, and a report',
  waits: true,
  async run(stage) {
    const { note } = stage;
    await startOperator(stage);
    const cluster = await RunningCluster.create(stage, { replicas: 3 });
    const plugin = new Plugin(stage);
    const status = await plugin.run('status');
    expect(/3 of 3 ready/.test(status), `status: ${status}`);

    const members = JSON.parse(await plugin.run('members', '--json')) as readonly Member[];
    const leads = members.find(({ status: said }) => said?.role === 'leader')?.status!.memberId;
    const follows = members.find(({ status: said }) => said?.role === 'follower')?.status!.memberId;
    expect(members.length === 3 && leads !== undefined && follows !== undefined, JSON.stringify(members));
    const handed = (await plugin.run('transfer-leader', '--to', String(follows))).trim();
    note(`member ${leads} led; ${handed}`);
    expect(handed.startsWith(`member ${follows} leads`), handed);
    const { pod } = members.find(({ status: said }) => said?.memberId === follows)!;
    await cluster.until(`${pod} leads`, READY_MS_MAX, ({ status: now }) => now?.leader === pod);

    const recommendations = await plugin.run('recommendations');
    expect(/no recommendations/i.test(recommendations), recommendations);
    const folder = mkdtempSync(join(tmpdir(), 'aegis-report-'));
    try {
      const file = join(folder, 'report.tar.gz');
      await plugin.run('report', '--output', file);
      note(`a report of ${Math.round(statSync(file).size / 1024)} KiB`);
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};
