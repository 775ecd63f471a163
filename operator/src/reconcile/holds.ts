const UNITS: Readonly<Record<string, number>> = {
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
};

/** An amount as Kubernetes writes it, as a number; undefined: it is none. */
export function amountOf(text: unknown): number | undefined {
  const parts = typeof text === 'string' ? /^(\d+(?:\.\d+)?)(m|[kMGTP]|[KMGTP]i)?$/.exec(text) : null;
  return parts === null ? undefined : Number(parts[1]) * (parts[2] === undefined ? 1 : UNITS[parts[2]]!);
}

/**
 * Whether all that is wanted is there: groups may hold more, lists the same number. The API server writes amounts in its own way
 * (1000m is 1), and leaves out what is empty.
 */
export function holds(live: unknown, wanted: unknown): boolean {
  if (Array.isArray(wanted)) {
    if (!Array.isArray(live)) return live === undefined && wanted.length === 0;
    return live.length === wanted.length && wanted.every((item, at) => holds(live[at], item));
  }
  if (typeof wanted === 'object' && wanted !== null) {
    const fields = Object.entries(wanted);
    if (typeof live !== 'object' || live === null) return live === undefined && fields.length === 0;
    return fields.every(([name, value]) => holds((live as Record<string, unknown>)[name], value));
  }
  if (live === wanted) return true;
  const [a, b] = [amountOf(live), amountOf(wanted)];
  return a !== undefined && a === b;
}
