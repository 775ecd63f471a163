import { once } from 'node:events';
import { connect } from 'node:net';
import type { Order } from '../run/stage.js';

/** How long a replica may take to obey: a stall is answered afterwards. */
const ANSWER_MS = 20_000;

/** The replica did not take the order, or there is no way to tell it. */
export class OrderError extends Error {
  override readonly name = 'OrderError';

  /** Of the system, when the replica could not be reached: ECONNREFUSED, ENOENT, … */
  get code(): string | undefined {
    return (this.cause as NodeJS.ErrnoException | undefined)?.code;
  }
}

/**
 * Tells a replica that was started with --allow-faults what should be wrong with it. Throws OrderError.
 * @returns all that is wrong with it now
 */
export async function inject(socketPath: string, order: Order): Promise<object> {
  const socket = connect(socketPath);
  const timer = setTimeout(
    () => socket.destroy(new OrderError(`no answer within ${ANSWER_MS / 1000} s`)),
    Math.max(ANSWER_MS, 2 * Number(order['ms'] ?? 0)),
  );
  try {
    socket.setEncoding('utf8');
    socket.write(`${JSON.stringify(order)}\n`);
    let text = '';
    socket.on('data', (piece: string) => (text += piece));
    while (!text.includes('\n')) {
      if (socket.readableEnded)
        throw new OrderError('the replica hung up', { cause: { code: 'ECONNRESET' } });
      await Promise.race([once(socket, 'data'), once(socket, 'end')]);
    }
    const answer = JSON.parse(text) as { ok: boolean; error?: string; faults: object };
    if (!answer.ok) throw new OrderError(answer.error ?? 'refused without a reason');
    return answer.faults;
  } catch (error) {
    if (error instanceof OrderError) throw error;
    throw new OrderError(`${socketPath}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  } finally {
    clearTimeout(timer);
    socket.destroy();
  }
}
