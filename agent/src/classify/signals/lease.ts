import type { Look } from '../look.js';
import { spellsOf, stepsOf, sumsOver } from '../series.js';
import type { Signal } from '../signal.js';

/** Leases that ended by expiry in the time before each moment, of those that lived; every replica counts the same ones. */
export function leaseSignals(look: Look): Signal[] {
  const { bounds, timesMs } = look;
  const steps = stepsOf(timesMs);
  const ended = look.most('leasesExpired').map((each, index) => (each * steps[index]!) / 1000);
  const values = sumsOver(ended, timesMs, bounds.expiriesOverMs);
  const lived = mostOver(look.most('leases'), timesMs, bounds.expiriesOverMs);
  const holds = (index: number): boolean =>
    values[index]! >= bounds.expiries && values[index]! >= bounds.expiriesShare * lived[index]!;
  return look
    .signal('expiries', 'clients', spellsOf(timesMs, holds, 0), {
      feature: 'leasesExpired',
      values,
      bound: bounds.expiries,
    })
    .map((signal) => {
      const first = timesMs.findIndex(
        (at, index) =>
          ended[index]! > 0 && at > signal.onsetMs - bounds.expiriesOverMs && at <= signal.onsetMs,
      );
      return { ...signal, onsetMs: first < 0 ? signal.onsetMs : timesMs[first]! };
    });
}

/** The largest of the time before each moment; 0 where nothing was told. */
function mostOver(values: ArrayLike<number>, timesMs: readonly number[], overMs: number): Float64Array {
  let from = 0;
  return Float64Array.from(timesMs, (at, index) => {
    while (timesMs[from]! <= at - overMs) from++;
    let most = 0;
    for (let each = from; each <= index; each++) if (values[each]! > most) most = values[each]!;
    return most;
  });
}
