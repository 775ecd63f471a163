import { UsageError } from './exit.js';

const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };
const DAY_MS = 86_400_000;

/**
 * A duration such as `500ms`, `10s`, `1.5m`, in whole milliseconds.
 * @param flag named in the errors
 * @param minMs zero allows `0` without a unit
 */
export function parseDuration(flag: string, text: string, minMs: number = 1, maxMs: number = DAY_MS): number {
  const match = /^(-?\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text.trim());
  const unit = match?.[2];
  const value = Number(match?.[1]);
  if (match === null || (unit === undefined && value !== 0)) {
    throw new UsageError(
      `${flag}: ${JSON.stringify(text)} is not a duration; write for example 500ms, 10s or 5m`,
    );
  }
  const ms = Math.round(value * (UNITS_MS[unit ?? 'ms'] ?? 1));
  if (ms >= minMs && ms <= maxMs) return ms;
  throw new UsageError(
    `${flag}: ${text} is out of bounds; allowed are ${showDuration(minMs)} to ${showDuration(maxMs)}`,
  );
}

/** A whole number. `flag` is named in the errors. */
export function parseWhole(flag: string, text: string, min: number, max: number): number {
  const value = /^-?\d+$/.test(text.trim()) ? Number(text) : NaN;
  if (Number.isSafeInteger(value) && value >= min && value <= max) return value;
  throw new UsageError(`${flag}: ${JSON.stringify(text)} is not a whole number from ${min} to ${max}`);
}

/** A lease id: an unsigned 64-bit number, decimal or with 0x in front, as a decimal string. */
export function parseLease(text: string): string {
  const given = /^(?:\d{1,20}|0x[0-9a-fA-F]{1,16})$/.test(text.trim()) ? BigInt(text.trim()) : -1n;
  if (given > 0n && given < 1n << 64n) return given.toString();
  throw new UsageError(
    `LEASE: ${JSON.stringify(text)} is not a lease id, an unsigned 64-bit number such as those of: aegis lease list`,
  );
}

export function parseEndpoints(flag: string, text: string): string[] {
  const endpoints = text
    .split(',')
    .map((endpoint) => endpoint.trim())
    .filter((endpoint) => endpoint !== '');
  if (endpoints.length === 0)
    throw new UsageError(`${flag}: no endpoint given; write for example 127.0.0.1:4410,127.0.0.1:4420`);
  for (const endpoint of endpoints) {
    const port = Number(/^(?:\[[0-9a-fA-F:.]+\]|[^\s:/[\]]+):(\d{1,5})$/.exec(endpoint)?.[1] ?? 0);
    if (port < 1 || port > 65_535)
      throw new UsageError(`${flag}: ${JSON.stringify(endpoint)} is not host:port`);
  }
  return endpoints;
}

function showDuration(ms: number): string {
  for (const [unit, size] of Object.entries(UNITS_MS).toReversed()) {
    if (ms >= size && ms % size === 0) return `${ms / size}${unit}`;
  }
  return `${ms}ms`;
}
