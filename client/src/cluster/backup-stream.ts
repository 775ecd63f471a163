import type { BackupResponse, ClusterClient } from '@aegis/proto/v1/cluster';
import type { ClientReadableStream } from '@grpc/grpc-js';
import { AbortedError, errorFromGrpc, RequestTimeoutError } from '../errors/index.js';
import type { ServiceError } from '@grpc/grpc-js';

export interface BackupOptions {
  /** What the replica has applied, without asking the leader whether it is the newest: works without a quorum. */
  readonly stale?: boolean;
  /** Ends it early. */
  readonly signal?: AbortSignal;
}

/** How long a replica may say nothing while bytes are waited for, in milliseconds. It sends at least some each second. */
const SILENCE_MS_MAX = 30_000;

/**
 * The bytes of a backup as one replica sends them, no faster than they are taken. Ends without an error only if the
 * replica has sent all; a `BackupParser` proves that they are what it read.
 */
export async function* backupBytesFrom(
  client: ClusterClient,
  endpoint: string,
  { stale = false, signal }: BackupOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  throwIfAborted(signal);
  const call = client.backup({ stale });
  // What comes after the iteration has ended concerns nobody.
  call.on('error', () => {});
  const messages: AsyncIterator<BackupResponse> = call[Symbol.asyncIterator]();
  const cancel = (): void => call.cancel();
  signal?.addEventListener('abort', cancel);
  try {
    for (;;) {
      const next = await nextOf(messages, call, endpoint);
      if (next.done === true) return;
      yield next.value.data;
    }
  } catch (error) {
    throwIfAborted(signal);
    throw error instanceof RequestTimeoutError ? error : errorFromGrpc(error as ServiceError, endpoint);
  } finally {
    signal?.removeEventListener('abort', cancel);
    call.cancel();
  }
}

async function nextOf(
  messages: AsyncIterator<BackupResponse>,
  call: ClientReadableStream<BackupResponse>,
  endpoint: string,
): Promise<IteratorResult<BackupResponse>> {
  let silent = false;
  const timer = setTimeout(() => {
    silent = true;
    call.cancel();
  }, SILENCE_MS_MAX);
  try {
    return await messages.next();
  } catch (error) {
    if (!silent) throw error;
    const message = `${endpoint}: the backup stood still for ${SILENCE_MS_MAX / 1_000} s`;
    throw new RequestTimeoutError('TIMEOUT', message, { retryable: true, definite: true, cause: error });
  } finally {
    clearTimeout(timer);
  }
}

function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw new AbortedError('the backup was given up', true, signal.reason);
}
