import { asV2, confChangeOf, ConfChangeTransition, ConfChangeType, EntryType } from '../index.js';
import type { ConfChangeSingle, Entry } from '../index.js';
import { quote } from './quote.js';
import { ScriptError } from './script-error.js';

const entryTypeNames: Record<EntryType, string> = {
  [EntryType.Normal]: 'EntryNormal',
  [EntryType.ConfChange]: 'EntryConfChange',
  [EntryType.ConfChangeV2]: 'EntryConfChangeV2',
};

const changeLetters: Record<ConfChangeType, string> = {
  [ConfChangeType.AddNode]: 'v',
  [ConfChangeType.AddLearnerNode]: 'l',
  [ConfChangeType.RemoveNode]: 'r',
  [ConfChangeType.UpdateNode]: 'u',
};

/** Type and payload: quoted text, or membership changes such as `v4 l5 r1`. */
export function describeEntryContent(entry: Entry): string {
  const change = confChangeOf(entry);
  const payload = change === undefined ? quote(entry.data) : describeChanges(asV2(change).changes);
  const name = entryTypeNames[entry.type];
  return payload === '' ? name : `${name} ${payload}`;
}

function describeChanges(changes: readonly ConfChangeSingle[]): string {
  return changes.map(({ type, nodeId }) => `${changeLetters[type] ?? 'unknown'}${nodeId}`).join(' ');
}

/** Reads `v4 l5 r1 u2`: make 4 a voter, 5 a learner, remove 1, update 2. */
export function parseChanges(text: string): ConfChangeSingle[] {
  return text
    .split(/\s+/)
    .filter((token) => token !== '')
    .map((token) => {
      const letter = Object.entries(changeLetters).find(([, each]) => each === token[0]);
      if (letter === undefined || !/^.\d+$/.test(token)) throw new ScriptError(`unknown change "${token}"`);
      return { type: Number(letter[0]) as ConfChangeType, nodeId: Number(token.slice(1)) };
    });
}

export function parseTransition(text: string): ConfChangeTransition {
  if (text === 'auto') return ConfChangeTransition.Auto;
  if (text === 'implicit') return ConfChangeTransition.JointImplicit;
  if (text === 'explicit') return ConfChangeTransition.JointExplicit;
  throw new ScriptError(`unknown transition "${text}"`);
}
