import type { Look } from '../look.js';
import { LAYERS, layerOf, type Signal } from '../signal.js';
import { placeKey } from '../../diagnose/cause.js';
import { diskSignals } from './disk.js';
import { electionSignals } from './election.js';
import { leaseSignals } from './lease.js';
import { loadSignals } from './load.js';
import { networkSignals } from './network.js';
import { processSignals } from './process.js';
import { replicationSignals } from './replication.js';

/** Everything that is seen to be wrong, by layer, then by onset; in one order, whoever was listed first. */
export function signalsOf(look: Look): Signal[] {
  const all = [
    diskSignals,
    processSignals,
    networkSignals,
    loadSignals,
    replicationSignals,
    electionSignals,
    leaseSignals,
  ];
  const key = ({ kind, at }: Signal): string => `${kind} ${placeKey(at)}`;
  return all
    .flatMap((detect) => detect(look))
    .sort(
      (a, b) =>
        LAYERS.indexOf(layerOf(a.kind)) - LAYERS.indexOf(layerOf(b.kind)) ||
        a.onsetMs - b.onsetMs ||
        (key(a) < key(b) ? -1 : 1),
    );
}
