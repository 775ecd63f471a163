import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';

/** What the real world offers and a simulated one must not touch. */
export class RealWorldTouched extends Error {
  override readonly name = 'RealWorldTouched';
  constructor(what: string) {
    super(
      `${what} was used inside of the simulation: its clocks, timers and chance come from its seed alone`,
    );
  }
}

type Restore = () => void;

/**
 * While `work` runs, the real clocks, timers and sources of chance throw. Time and chance of a simulated process come from
 * its environment; whatever else it asked would make a run that no seed repeats.
 */
export function withoutRealWorld<T>(work: () => T): T {
  const restore = forbid();
  try {
    return work();
  } finally {
    restore();
  }
}

function forbid(): Restore {
  const restores: Restore[] = [];
  const replace = (owner: object, name: string, label = name): void => {
    const was = Object.getOwnPropertyDescriptor(owner, name);
    const holder = owner as Record<string, unknown>;
    const original = holder[name];
    holder[name] = (): never => {
      throw new RealWorldTouched(label);
    };
    restores.push(() => {
      if (was === undefined) delete holder[name];
      else holder[name] = original;
    });
  };
  for (const name of ['setTimeout', 'setInterval', 'setImmediate']) replace(globalThis, name);
  replace(Math, 'random', 'Math.random');
  replace(performance, 'now', 'performance.now');
  for (const name of ['randomInt', 'randomBytes', 'randomUUID', 'randomFillSync'])
    replace(crypto, name, `crypto.${name}`);
  const realDate = globalThis.Date;
  globalThis.Date = forbiddenDate(realDate);
  syncBuiltinESMExports();
  return () => {
    globalThis.Date = realDate;
    for (const restore of restores) restore();
    syncBuiltinESMExports();
  };
}

/** A Date that can be made of a given number, and does not know what time it is. */
function forbiddenDate(real: DateConstructor): DateConstructor {
  return new Proxy(real, {
    apply: () => {
      throw new RealWorldTouched('Date()');
    },
    construct: (target, given: unknown[]) => {
      if (given.length === 0) throw new RealWorldTouched('new Date()');
      return Reflect.construct(target, given) as object;
    },
    get: (target, name) => {
      if (name === 'now') throw new RealWorldTouched('Date.now');
      return Reflect.get(target, name) as unknown;
    },
  });
}
