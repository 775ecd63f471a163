import { scripted, type Facts } from './cluster.js';

const bad = (second: number): boolean => second > 20 && second <= 60;

/** The leader's loop stands still for a second, again and again, and loses its office for it. */
export const STALLS = scripted({
  seconds: 80,
  replica: (second, at): Partial<Facts> => ({
    term: 3 + Math.max(0, Math.floor((Math.min(second, 60) - 24) / 5)),
    ...(at === 0 && bad(second) && second % 8 === 0 ? { loopMax: 0.9 } : {}),
  }),
});

/** A follower has no room on its disk for forty seconds. */
export const FULL_DISK = scripted({
  seconds: 80,
  replica: (second, at) => (at === 3 && bad(second) ? { diskFull: true } : {}),
});
