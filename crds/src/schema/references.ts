import { group } from './composites.js';
import { objectName } from './scalars.js';

/** The cluster that an object is about, in the object's own namespace. */
export const clusterRef = group('The AegisCluster that this is about, in the same namespace.', {
  name: objectName('Its name.'),
});
