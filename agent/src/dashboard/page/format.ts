const UNKNOWN = '–';
const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const short = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });

export function count(value: number | null): string {
  return value === null ? UNKNOWN : whole.format(value);
}

export function number(value: number | null): string {
  return value === null ? UNKNOWN : short.format(value);
}

/** A duration in the unit that suits it. */
export function seconds(value: number | null): string {
  if (value === null) return UNKNOWN;
  if (value < 0.001) return `${short.format(value * 1e6)} µs`;
  if (value < 1) return `${short.format(value * 1e3)} ms`;
  return `${short.format(value)} s`;
}

/** @param value between 0 and 1 */
export function percent(value: number | null): string {
  return value === null ? UNKNOWN : `${whole.format(value * 100)} %`;
}

/** A value of a feature, in its unit. */
export function measured(value: number | null, unit: string): string {
  if (value === null) return UNKNOWN;
  if (unit === 'seconds') return seconds(value);
  if (unit === 'share') return percent(value);
  if (unit === 'flag') return value === 0 ? 'no' : 'yes';
  return unit === 'number' ? number(value) : `${number(value)} ${unit}`;
}

/** `17:04:59`, in the time of whoever looks. @param at milliseconds since 1970 */
export function clock(at: number): string {
  return new Date(at).toLocaleTimeString('en-GB');
}

/** With the day, unless it is today. */
export function moment(at: number, now: number): string {
  const [then, today] = [new Date(at), new Date(now)];
  if (then.toDateString() === today.toDateString()) return clock(at);
  return `${then.toLocaleDateString('en-CA')} ${clock(at)}`;
}

/** How long something took, or has been: `42 s`, `3 min`, `2.5 h`, `4 d`. */
export function lasting(ms: number): string {
  const s = Math.max(0, ms / 1000);
  if (s < 90) return `${whole.format(s)} s`;
  if (s < 5_400) return `${whole.format(s / 60)} min`;
  if (s < 172_800) return `${short.format(s / 3_600)} h`;
  return `${whole.format(s / 86_400)} d`;
}
