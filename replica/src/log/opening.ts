import { Health } from './health.js';
import { LogError } from './errors.js';
import { LogContents } from './log-contents.js';
import { closeAll, openFolder, type LogFolder } from './log-folder.js';
import type { LogOptions } from './log-options.js';
import type { OpenReport } from './open-report.js';
import { Recovery, type Tail } from './recovery.js';
import { SegmentStock } from './segment-stock.js';
import { FIRST_BATCH_OFFSET, type Segment } from './segment.js';

/** A log ready for use, in pieces. */
export interface OpenedLog {
  readonly salt: bigint;
  readonly contents: LogContents;
  /** Oldest first; the last one holds the tail. */
  readonly segments: readonly Segment[];
  readonly tail: Tail;
  readonly stock: SegmentStock;
  readonly health: Health;
  readonly report: OpenReport;
}

export async function prepareLog(options: Required<LogOptions>): Promise<OpenedLog> {
  const { disk, segmentBytes, mustExist } = options;
  const folder = await openFolder(disk, segmentBytes);
  const { segments, salt } = folder;
  if (salt !== undefined) {
    try {
      return await reopenLog(options, folder, salt);
    } catch (error) {
      await closeAll(segments);
      throw error;
    }
  }
  if (mustExist) throw new LogError('LOG_MISSING', { file: disk.path });
  return createLog(options, folder);
}

async function createLog(options: Required<LogOptions>, folder: LogFolder): Promise<OpenedLog> {
  const salt = options.drawSalt();
  await removeLeftovers(options, folder.leftovers);
  const health = new Health(options.onFailure);
  const stock = stockOf(options, folder, health, { salt, nextId: 1, spare: undefined });
  const segment = await stock.next();
  stock.advance();
  const tail = { segment, offset: FIRST_BATCH_OFFSET, batchNumber: 0, batchCrc: 0 };
  const contents = new LogContents(options.recentBytesMax);
  const report = reportOf(contents, tail, { fresh: true, segments: 1, tornTail: undefined, folder });
  return { salt, contents, segments: [segment], tail, stock, health, report };
}

async function reopenLog(options: Required<LogOptions>, folder: LogFolder, salt: bigint): Promise<OpenedLog> {
  const { disk, segmentBytes } = options;
  const contents = new LogContents(options.recentBytesMax);
  const { tail, spare, tornTail } = await new Recovery(disk, salt, folder.segments, contents).run();
  // Only now that the last batch is certain may anything be deleted.
  await removeLeftovers(options, folder.leftovers);
  const usable = spare?.bytes === segmentBytes ? spare : undefined;
  if (spare && !usable) {
    await spare.file.close();
    await disk.remove(spare.name);
  }
  const segments = folder.segments.filter((segment) => segment !== spare);
  const health = new Health(options.onFailure);
  const stock = stockOf(options, folder, health, { salt, nextId: tail.segment.id + 1, spare: usable });
  const report = reportOf(contents, tail, { fresh: false, segments: segments.length, tornTail, folder });
  return { salt, contents, segments, tail, stock, health, report };
}

function stockOf(
  { disk, segmentBytes }: Required<LogOptions>,
  { hasReserve }: LogFolder,
  health: Health,
  rest: { readonly salt: bigint; readonly nextId: number; readonly spare: Segment | undefined },
): SegmentStock {
  return new SegmentStock({
    disk,
    segmentBytes,
    hasReserve,
    onFailure: (error) => health.fail(error),
    ...rest,
  });
}

async function removeLeftovers({ disk }: Required<LogOptions>, names: readonly string[]): Promise<void> {
  for (const name of names) await disk.remove(name);
}

function reportOf(
  contents: LogContents,
  tail: Readonly<Tail>,
  seen: {
    readonly fresh: boolean;
    readonly segments: number;
    readonly tornTail: OpenReport['tornTail'];
    readonly folder: LogFolder;
  },
): OpenReport {
  return {
    fresh: seen.fresh,
    segments: seen.segments,
    batches: tail.batchNumber,
    firstIndex: contents.truncation.index + 1,
    lastIndex: contents.index.last,
    tornTail: seen.tornTail,
    removedFiles: seen.folder.leftovers,
  };
}
