/** Sixteen digits, so that names sort as numbers do. */
const SEGMENT_NAME = /^(\d{16})\.segment$/;
const TEMPORARY_SUFFIX = '.tmp';

/** Room kept for the day on which the disk is full. */
export const RESERVE_NAME = 'reserve';

export function segmentName(id: number): string {
  return `${String(id).padStart(16, '0')}.segment`;
}

export function segmentIdOf(name: string): number | undefined {
  const digits = SEGMENT_NAME.exec(name)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** The name of a file while it is being made: whatever bears it was never finished. */
export function temporaryName(name: string): string {
  return name + TEMPORARY_SUFFIX;
}

export function isTemporary(name: string): boolean {
  return name.endsWith(TEMPORARY_SUFFIX);
}
