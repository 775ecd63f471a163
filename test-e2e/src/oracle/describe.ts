import {
  LOCAL_APPEND_THREAD,
  LOCAL_APPLY_THREAD,
  messageTypeName,
  refusedChangeData,
  type ConfState,
  type Entry,
  type Message,
  type Ready,
  type Snapshot,
} from '@aegis/replica/raft';

// Texts of what comes out of our core. `describe.go` writes the same of etcd's library; both are compared byte by byte.

export const roleNames = ['follower', 'candidate', 'leader', 'pre-candidate'] as const;

/** Bytes of a payload that are compared, besides its length. Neither core looks into payloads. */
const SHOWN_BYTES = 64;

export function hexOf(data: Uint8Array): string {
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('hex');
}

export function payloadText(label: string, data: Uint8Array | undefined): string {
  if (data === undefined || data.length === 0) return '';
  if (data.length <= SHOWN_BYTES) return label + hexOf(data);
  return `${label}${hexOf(data.subarray(0, SHOWN_BYTES))}+${data.length}`;
}

function memberText(id: number): string {
  if (id === LOCAL_APPEND_THREAD) return 'append-thread';
  if (id === LOCAL_APPLY_THREAD) return 'apply-thread';
  return String(id);
}

export function confStateText(state: ConfState): string {
  const { voters, votersOutgoing, learners, learnersNext, autoLeave } = state;
  return `${voters.join()};${votersOutgoing.join()};${learners.join()};${learnersNext.join()};${autoLeave ? 1 : 0}`;
}

function entryText({ term, index, type, data }: Entry): string {
  return `${term}/${index}.${type}${data === refusedChangeData ? '!' : ''}${payloadText('.', data)}`;
}

function entriesText(label: string, entries: readonly Entry[]): string {
  if (entries.length === 0) return '';
  let text = label + entryText(entries[0]!);
  for (let i = 1; i < entries.length; i++) text += ` ${entryText(entries[i]!)}`;
  return `${text}]`;
}

export function snapshotText(label: string, snapshot: Snapshot | undefined): string {
  if (snapshot === undefined) return '';
  const { term, index, confState } = snapshot.metadata;
  return `${label}${term}/${index}(${confStateText(confState)})${payloadText('.', snapshot.data)}`;
}

function messageText(m: Message): string {
  return (
    `${messageTypeName(m.type)} ${memberText(m.from)}>${memberText(m.to)} term=${m.term} log=${m.logTerm}/${m.index}` +
    ` commit=${m.commit} vote=${m.vote}${m.reject ? ' reject' : ''} hint=${m.rejectHint}` +
    payloadText(' context=', m.context) +
    entriesText(' entries=[', m.entries) +
    snapshotText(' snapshot=', m.snapshot) +
    (m.responses.length > 0 ? ` responses=${messagesText(m.responses)}` : '')
  );
}

function messagesText(messages: readonly Message[]): string {
  let text = `{${messageText(messages[0]!)}`;
  for (let i = 1; i < messages.length; i++) text += `; ${messageText(messages[i]!)}`;
  return `${text}}`;
}

export function readyText(rd: Ready): string {
  const { softState, hardState } = rd;
  let text = rd.mustSync ? 'ready sync' : 'ready';
  if (softState !== undefined) text += ` soft=${roleNames[softState.state]}/${softState.lead}`;
  if (hardState !== undefined) text += ` hard=${hardState.term}/${hardState.vote}/${hardState.commit}`;
  for (const { index, context } of rd.readStates) text += ` read=${index}${payloadText('.', context)}`;
  text += entriesText(' entries=[', rd.entries);
  text += snapshotText(' snapshot=', rd.snapshot);
  text += entriesText(' committed=[', rd.committedEntries);
  return rd.messages.length > 0 ? `${text} messages=${messagesText(rd.messages)}` : text;
}
