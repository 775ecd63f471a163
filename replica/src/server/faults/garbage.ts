import type { Faults } from './faults.js';

const EVERY_MS = 10;
/** About what one of the objects takes. */
const OBJECT_BYTES = 64;
/** Some live a little longer, so that they have to be moved. */
const KEPT = 20_000;

/** Keeps the garbage collector busy while it is asked to. */
export function makeGarbage(faults: Faults): void {
  let timer: NodeJS.Timeout | undefined;
  let kept: object[] = [];
  faults.onChange(() => {
    clearInterval(timer);
    kept = [];
    const { garbageMbPerSecond } = faults;
    if (garbageMbPerSecond === 0) return;
    const objects = (garbageMbPerSecond * 1e6 * EVERY_MS) / 1000 / OBJECT_BYTES;
    timer = setInterval(() => {
      if (kept.length > KEPT) kept = [];
      for (let made = 0; made < objects; made++) {
        const object = { made, twice: 2 * made, text: `${made}` };
        if (made % 16 === 0) kept.push(object);
      }
    }, EVERY_MS);
  });
}
