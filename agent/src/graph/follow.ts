import type { PostmortemPage, RequestState } from '../forge/index.js';
import { plain, table } from '../forge/markdown.js';
import type { Proposal } from '../propose/index.js';
import { lastOf } from './journal.js';
import type { Incident, LoopParts } from './loop.js';

/**
 * Looks what became of a published proposal, and writes that into the postmortem. May be asked as often as one likes: only what is new is
 * written. Undefined: nothing was published for this incident.
 */
export async function followUp(
  { id, target }: Pick<Incident, 'id' | 'target'>,
  { evidence, forge, now, notify }: Pick<LoopParts, 'evidence' | 'forge' | 'now' | 'notify'>,
): Promise<RequestState | undefined> {
  if (lastOf(evidence, id, 'publish') === undefined) return undefined;
  const proposal = lastOf(evidence, id, 'propose')!.output as Exclude<Proposal, { kind: 'advice' }>;
  const page = lastOf(evidence, id, 'report')?.output as PostmortemPage | undefined;
  const known = lastOf(evidence, id, 'outcome')?.output as RequestState | undefined;
  if (known !== undefined && known.state !== 'Open' && lastOf(evidence, id, 'told') !== undefined)
    return known;
  const found =
    known !== undefined && known.state !== 'Open' ? known : await forge.stateOf(target, proposal.family);
  // A branch that is gone was closed by whoever deleted it.
  const published = lastOf(evidence, id, 'publish')!.output as RequestState;
  const state = found ?? { ...published, state: 'Closed' };
  if (known?.state !== state.state) evidence.append(now(), id, 'outcome', state);
  if (state.state === 'Open' || page === undefined) return state;
  await forge.postmortem({ ...page, body: `${page.body}\n\n${became(state)}` });
  const { family, patch } = proposal;
  const { url, mergedBy: by } = state;
  notify?.({ kind: 'proposal', target, incident: id, at: now(), family, patch, state: state.state, url, by });
  evidence.append(now(), id, 'told', { state: state.state });
  return state;
}

function became({ state, mergedBy, commit, url }: RequestState): string {
  const by = mergedBy === undefined ? '' : `by ${plain(mergedBy, 128)}`;
  const row = [state, by, commit ?? '', plain(url, 300)];
  return `## What a person decided\n\n${table(['became', 'who', 'commit', 'where'], [row])}`;
}
