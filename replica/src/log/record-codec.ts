import { EntryType, type ConfState, type Entry } from '../raft/types.js';
import { MalformedBody, type BodyReader } from './body-reader.js';
import type { BodyWriter } from './body-writer.js';
import type { LogPosition, LogRecord } from './record.js';

/** The byte that begins each record on disk. Numbers are never used again for something else. */
const TAG = {
  entries: 1,
  hardState: 2,
  snapshot: 3,
  truncation: 4,
  confState: 5,
  stateFolder: 6,
  checkpoint: 7,
  seal: 8,
} as const;

export function writeRecord(out: BodyWriter, record: LogRecord): void {
  out.byte(TAG[record.kind]);
  switch (record.kind) {
    case 'entries':
      writeEntries(out, record.entries);
      return;
    case 'hardState':
      out.integer(record.hardState.term);
      out.integer(record.hardState.vote);
      out.integer(record.hardState.commit);
      return;
    case 'snapshot':
      writePosition(out, record);
      writeConfState(out, record.confState);
      return;
    case 'truncation':
      writePosition(out, record);
      return;
    case 'confState':
      out.integer(record.index);
      writeConfState(out, record.confState);
      return;
    case 'stateFolder':
      out.blob(Buffer.from(record.name, 'utf8'));
      return;
    case 'checkpoint':
      writePosition(out, record.last);
      writePosition(out, record.truncation);
      return;
    case 'seal':
      out.integer(record.nextSegmentId);
      return;
  }
}

/** The records of one body. Throws MalformedBody for bytes that no writer wrote. */
export function readRecords(body: BodyReader): LogRecord[] {
  const records: LogRecord[] = [];
  while (!body.atEnd) records.push(readRecord(body));
  return records;
}

function readRecord(body: BodyReader): LogRecord {
  const tag = body.byte();
  switch (tag) {
    case TAG.entries:
      return { kind: 'entries', entries: readEntries(body) };
    case TAG.hardState:
      return {
        kind: 'hardState',
        hardState: { term: body.integer(), vote: body.integer(), commit: body.integer() },
      };
    case TAG.snapshot:
      return { kind: 'snapshot', ...readPosition(body), confState: readConfState(body) };
    case TAG.truncation:
      return { kind: 'truncation', ...readPosition(body) };
    case TAG.confState:
      return { kind: 'confState', index: body.integer(), confState: readConfState(body) };
    case TAG.stateFolder:
      return { kind: 'stateFolder', name: body.blob().toString('utf8') };
    case TAG.checkpoint:
      return { kind: 'checkpoint', last: readPosition(body), truncation: readPosition(body) };
    case TAG.seal:
      return { kind: 'seal', nextSegmentId: body.integer() };
    default:
      throw new MalformedBody(`no record has the tag ${tag}`);
  }
}

function writeEntries(out: BodyWriter, entries: readonly Entry[]): void {
  out.integer(entries[0]!.index);
  out.integer(entries.length);
  for (const entry of entries) {
    out.integer(entry.term);
    out.byte(entry.type);
    out.blob(entry.data);
  }
}

function readEntries(body: BodyReader): Entry[] {
  const first = body.integer();
  const count = body.count();
  if (first === 0 || count === 0) throw new MalformedBody('a record of entries is empty or begins at 0');
  if (first + count > Number.MAX_SAFE_INTEGER) throw new MalformedBody('an index is too large');
  const entries: Entry[] = [];
  for (let i = 0; i < count; i++) {
    const term = body.integer();
    const type = entryTypeOf(body.byte());
    entries.push({ term, index: first + i, type, data: body.blob() });
  }
  return entries;
}

function entryTypeOf(byte: number): EntryType {
  for (const type of Object.values(EntryType)) if (type === byte) return type;
  throw new MalformedBody(`no entry is of type ${byte}`);
}

function writePosition(out: BodyWriter, position: LogPosition): void {
  out.integer(position.index);
  out.integer(position.term);
}

function readPosition(body: BodyReader): LogPosition {
  return { index: body.integer(), term: body.integer() };
}

function writeConfState(out: BodyWriter, confState: ConfState): void {
  for (const members of [
    confState.voters,
    confState.learners,
    confState.votersOutgoing,
    confState.learnersNext,
  ]) {
    out.integer(members.length);
    for (const member of members) out.integer(member);
  }
  out.byte(confState.autoLeave ? 1 : 0);
}

function readConfState(body: BodyReader): ConfState {
  return {
    voters: readMembers(body),
    learners: readMembers(body),
    votersOutgoing: readMembers(body),
    learnersNext: readMembers(body),
    autoLeave: body.byte() === 1,
  };
}

function readMembers(body: BodyReader): number[] {
  const members: number[] = [];
  for (let rest = body.count(); rest > 0; rest--) members.push(body.integer());
  return members;
}
