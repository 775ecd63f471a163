import { inject as tell, type Order } from '@aegis/client/chaos';
import { join } from 'node:path';

import type { Replica } from './replica.js';

/** Tells a replica that was started with --allow-faults what should be wrong with it; fails when it refuses. */
export async function inject(replica: Replica, order: Order): Promise<object> {
  return tell(join(replica.dataPath, 'faults.sock'), order);
}
