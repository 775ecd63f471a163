import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';

import { within } from './clock.js';
import type { Replica } from './replica.js';

export type FaultOrder = Readonly<Record<string, string | number | boolean>> & { readonly fault: string };

/** Tells a replica that was started with --allow-faults what should be wrong with it; fails when it refuses. */
export async function inject(replica: Replica, order: FaultOrder): Promise<object> {
  const socket = connect(join(replica.dataPath, 'faults.sock'));
  try {
    socket.setEncoding('utf8');
    socket.write(`${JSON.stringify(order)}\n`);
    let text = '';
    socket.on('data', (piece: string) => (text += piece));
    const answered = async (): Promise<void> => {
      while (!text.includes('\n')) await once(socket, 'data');
    };
    await within(`${replica.member.name} obeying ${JSON.stringify(order)}`, 20_000, answered());
    const answer = JSON.parse(text) as { ok: boolean; error?: string; faults: object };
    if (!answer.ok) throw new Error(`${replica.member.name}: ${answer.error}`);
    return answer.faults;
  } finally {
    socket.destroy();
  }
}
