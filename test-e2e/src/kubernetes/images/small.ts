import type { Programs } from '../programs/modules.js';
import { PAUSE_IMAGE } from '../node/containerd.js';
import type { Image } from './archive.js';

export const DNS_IMAGE = 'aegis.test/coredns:1';

/** Images of one static program each. */
export const pauseImage = (programs: Programs): Image => ({
  name: PAUSE_IMAGE,
  files: { '/pause': programs.anchor },
  entrypoint: ['/pause'],
});

export const dnsImage = (programs: Programs): Image => ({
  name: DNS_IMAGE,
  files: { '/coredns': programs.coredns },
  entrypoint: ['/coredns'],
});
