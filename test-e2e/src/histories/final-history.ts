import { type KvEvent, KvEventType, KVClient, type KvWatchResponse } from '@aegis/proto/v1/kv';
import { credentials } from '@grpc/grpc-js';

import type { Replica } from '../harness/replica.js';
import { within } from '../harness/clock.js';
import type { NdjsonFile } from './recorder.js';
import { writtenEvent } from './watchers.js';

/** Reads every change that the store has ever seen from one replica, by a watch from revision 1 on. */
export async function readWholeHistory(replica: Replica, until: number, file: NdjsonFile): Promise<void> {
  const client = new KVClient(replica.member.clientAddress, credentials.createInsecure(), {
    'grpc.use_local_subchannel_pool': 1,
    'grpc.max_receive_message_length': -1,
  });
  const watch = client.watch();
  const all = Buffer.from('\0');
  const value = {
    key: all,
    rangeEnd: all,
    startRevision: 1,
    progressNotify: false,
    filters: [],
    prevKv: false,
    watchId: 1,
  };
  const read = new Promise<void>((resolve, reject) => {
    watch.on('error', reject);
    watch.on('data', ({ events, canceled, cancelReason }: KvWatchResponse) => {
      if (canceled) reject(new Error(`the watch was ended: ${cancelReason}`));
      for (const [revision, changes] of Map.groupBy(events, ({ kv }) => kv!.modRevision)) {
        file.add({ replica: replica.id, rev: revision, events: changes.map(changeOf) });
        if (revision >= until) resolve();
      }
    });
    watch.write({ request: { $case: 'create', value } });
  });
  try {
    await within(`the whole history of ${replica.member.name}`, 60_000, read);
  } finally {
    watch.on('error', () => {});
    watch.cancel();
    client.close();
  }
}

function changeOf({ type, kv, prevKv }: KvEvent): object {
  return writtenEvent({ type: type === KvEventType.PUT ? 'put' : 'delete', kv: kv!, prevKv });
}
