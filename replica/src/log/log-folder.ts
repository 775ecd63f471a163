import type { Disk } from './disk.js';
import { LogError } from './errors.js';
import { isTemporary, RESERVE_NAME, segmentIdOf, segmentName } from './segment-name.js';
import { checkSegmentHeader, type Segment } from './segment.js';

export interface LogFolder {
  /** Opened and their headers checked; ids follow each other without a gap. */
  readonly segments: readonly Segment[];
  /** Undefined when there are no segments. */
  readonly salt: bigint | undefined;
  /** What an earlier run did not finish, and a reserve of another size. */
  readonly leftovers: readonly string[];
  readonly hasReserve: boolean;
}

/** Opens what is in the log's folder, changing nothing. Refuses gaps and files that are not this log's. */
export async function openFolder(disk: Disk, segmentBytes: number): Promise<LogFolder> {
  const entries = await disk.list();
  const reserve = entries.find((entry) => entry.name === RESERVE_NAME);
  const hasReserve = reserve?.bytes === segmentBytes;
  const leftovers = entries.map((entry) => entry.name).filter(isTemporary);
  if (reserve && !hasReserve) leftovers.push(RESERVE_NAME);

  const found = entries
    .flatMap(({ name, bytes }) => {
      const id = segmentIdOf(name);
      return id === undefined ? [] : [{ id, name, bytes }];
    })
    .sort((a, b) => a.id - b.id);
  refuseGap(disk, found);
  const segments: Segment[] = [];
  let salt: bigint | undefined;
  try {
    for (const { id, name, bytes } of found) {
      const segment = { id, name, bytes, file: await disk.open(name) };
      segments.push(segment);
      salt = await checkSegmentHeader(disk, segment, salt);
    }
  } catch (error) {
    await closeAll(segments);
    throw error;
  }
  return { segments, salt, leftovers, hasReserve };
}

export async function closeAll(segments: readonly Segment[]): Promise<void> {
  await Promise.all(segments.map((segment) => segment.file.close()));
}

function refuseGap(disk: Disk, found: readonly { readonly id: number }[]): void {
  for (let i = 1; i < found.length; i++) {
    const expected = found[i - 1]!.id + 1;
    if (found[i]!.id === expected) continue;
    throw new LogError('SEGMENT_MISSING', { file: `${disk.path}/${segmentName(expected)}` });
  }
}
