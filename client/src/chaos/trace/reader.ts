import { kindOf, unknownName } from '@aegis/replica/settings';
import type { TraceProblem } from './errors.js';

export type Mapping = Readonly<Record<string, unknown>>;

export interface Bounds {
  readonly min: number;
  readonly max: number;
}

const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000 };

/** Reads the fields of one mapping, and notes what is wrong with each under its path. What could not be read is the default, or a stand-in. */
export class Reader {
  constructor(
    readonly fields: Mapping,
    readonly path: string,
    readonly problems: TraceProblem[],
  ) {}

  static of(value: unknown, path: string, problems: TraceProblem[]): Reader {
    if (isMapping(value)) return new Reader(value, path, problems);
    problems.push({ path, message: `must be a mapping, is ${kindOf(value)}.` });
    return new Reader({}, path, problems);
  }

  has(name: string): boolean {
    return this.fields[name] !== undefined && this.fields[name] !== null;
  }

  wrong(name: string, message: string): void {
    this.problems.push({ path: this.path === '' ? name : `${this.path}.${name}`, message });
  }

  /** Refuses every field that is not listed. */
  only(names: readonly string[]): void {
    for (const name of Object.keys(this.fields))
      if (!names.includes(name)) this.wrong(name, unknownName(name, names));
  }

  text(name: string, pattern: RegExp, what: string): string {
    const value = this.fields[name];
    if (typeof value === 'string' && pattern.test(value)) return value;
    this.wrong(name, `must be ${what}, is ${kindOf(value)}.`);
    return '';
  }

  choice<T extends string>(name: string, allowed: readonly T[]): T | undefined {
    const value = this.fields[name];
    const found = allowed.find((each) => each === value);
    if (found === undefined) this.wrong(name, `must be one of ${allowed.join(', ')}, is ${kindOf(value)}.`);
    return found;
  }

  flag(name: string): boolean {
    const value = this.fields[name] ?? false;
    if (typeof value === 'boolean') return value;
    this.wrong(name, `must be true or false, is ${kindOf(value)}.`);
    return false;
  }

  /** @param byDefault undefined: it has to be there */
  number(name: string, { min, max }: Bounds, byDefault?: number, whole = true): number {
    if (byDefault !== undefined && !this.has(name)) return byDefault;
    const value = this.fields[name];
    const fits = typeof value === 'number' && value >= min && value <= max;
    if (fits && (!whole || Number.isSafeInteger(value))) return value;
    this.wrong(
      name,
      `must be a ${whole ? 'whole ' : ''}number from ${min} to ${max}, is ${describe(value)}.`,
    );
    return byDefault ?? min;
  }

  /** `10s`, `250ms`, `1.5m`; in whole milliseconds. */
  duration(name: string, { min, max }: Bounds): number {
    const value = this.fields[name];
    const match = typeof value === 'string' ? /^(\d+(?:\.\d+)?)(ms|s|m)$/.exec(value) : null;
    const ms =
      match === null ? (value === 0 ? 0 : Number.NaN) : Math.round(Number(match[1]) * UNITS_MS[match[2]!]!);
    if (ms >= min && ms <= max) return ms;
    const allowed = `a duration such as 250ms, 10s or 2m, from ${min} ms to ${max} ms`;
    this.wrong(name, `must be ${allowed}, is ${describe(value)}.`);
    return min;
  }

  list(name: string, max: number): Reader[] {
    const value = this.fields[name] ?? [];
    if (!Array.isArray(value) || value.length > max) {
      this.wrong(name, `must be a list of at most ${max} entries, is ${kindOf(value)}.`);
      return [];
    }
    const path = this.path === '' ? name : `${this.path}.${name}`;
    return value.map((each, index) => Reader.of(each, `${path}[${index}]`, this.problems));
  }

  mapping(name: string): Reader {
    const path = this.path === '' ? name : `${this.path}.${name}`;
    return Reader.of(this.fields[name] ?? {}, path, this.problems);
  }
}

function describe(value: unknown): string {
  return typeof value === 'number' ? String(value) : kindOf(value);
}

function isMapping(value: unknown): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
