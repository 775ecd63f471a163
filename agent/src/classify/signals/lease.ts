import type { Look } from '../look.js';
import { spellsOf, stepsOf } from '../series.js';
import type { Signal } from '../signal.js';

/** Leases that ended by expiry in the time before each moment, of those that lived; every replica counts the same ones. */
export function leaseSignals(look: Look): Signal[] {
  const { bounds, timesMs } = look;
  const steps = stepsOf(timesMs);
  const rate = look.most('leasesExpired');
  const living = look.most('leases');
  const ended = Array.from(rate, (each, index) => (Number.isNaN(each) ? 0 : (each * steps[index]!) / 1000));
  const over = (at: number, index: number): boolean =>
    timesMs[index]! > at - bounds.expiriesOverMs && timesMs[index]! <= at;
  const values = Float64Array.from(timesMs, (at) =>
    ended.reduce((all, each, index) => (over(at, index) ? all + each : all), 0),
  );
  const lived = timesMs.map((at) =>
    living.reduce((most, each, index) => (over(at, index) && each > most ? each : most), 0),
  );
  const holds = (index: number): boolean =>
    values[index]! >= bounds.expiries && values[index]! >= bounds.expiriesShare * lived[index]!;
  return look
    .signal('expiries', 'clients', spellsOf(timesMs, holds, 0), {
      feature: 'leasesExpired',
      values,
      bound: bounds.expiries,
    })
    .map((signal) => {
      const first = ended.findIndex((each, index) => each > 0 && over(signal.onsetMs, index));
      return { ...signal, onsetMs: first < 0 ? signal.onsetMs : timesMs[first]! };
    });
}
