/** Numbers for people; `-` stands for what is not known. */
const UNKNOWN = '-';

export function count(value: number | null): string {
  return value === null ? UNKNOWN : Math.round(value).toLocaleString('en-US');
}

/** A second. */
export function rate(value: number | null): string {
  if (value === null) return UNKNOWN;
  return value > 0 && value < 9.95 ? value.toFixed(1) : count(value);
}

/** With about three digits. @param value milliseconds */
export function ms(value: number): string {
  if (value >= 100) return count(value);
  return value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

export function bytes(value: number | null): string {
  if (value === null) return UNKNOWN;
  const mebibytes = value / 1024 / 1024;
  return mebibytes >= 10_240 ? `${(mebibytes / 1024).toFixed(1)} GiB` : `${Math.round(mebibytes)} MiB`;
}
