import { type Observed, placeAt } from './observed.js';
import type { Step } from './step.js';

/** Never fewer pods than members are wanted; pods that a member lives in are not taken here. */
export function enoughPods({ size, replicas }: Observed): Step | undefined {
  return replicas === undefined || replicas < size ? { kind: 'scale', replicas: size } : undefined;
}

/** What is left of members that are none any more: their pods, then their volumes. The membership has the wanted size. */
export function surplus(observed: Observed): Step | undefined {
  const { size, replicas, places } = observed;
  if (replicas! > size) return { kind: 'scale', replicas: size };
  const volume = places
    .filter(({ ordinal, volume }) => ordinal >= size && volume)
    .find(({ ordinal }) => placeAt(observed, ordinal)?.pod !== true);
  return volume === undefined ? undefined : { kind: 'delete-volume', ordinal: volume.ordinal };
}
