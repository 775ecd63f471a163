import { readAccount, type Answer } from '@aegis/operator/github';
import { headLabel, type Place } from './place.js';
import type { Requests } from './requests.js';

export interface Pull {
  readonly number: number;
  readonly url: string;
  readonly state: 'Open' | 'Closed' | 'Merged';
  readonly body: string | null;
  readonly head: string;
  readonly mergedBy: string | undefined;
  readonly commit: string | undefined;
  readonly conflicts: boolean | undefined;
}

/** The newest request of a branch into the base, an open one first. Found by head and base, never from memory. */
export async function newestPull(
  requests: Requests,
  place: Place,
  branch: string,
): Promise<Pull | undefined> {
  const { owner, repo, base } = place;
  const query = { owner, repo, base, head: headLabel(place, branch), state: 'all', per_page: 100 };
  const { answer } = await requests.send('GET /repos/{owner}/{repo}/pulls', query);
  const found = answer.items().map((item) => ({
    number: item.field('number').count(),
    open: item.field('state').text() === 'open',
  }));
  const [newest] = found.toSorted((a, b) => Number(b.open) - Number(a.open) || b.number - a.number);
  return newest === undefined ? undefined : pullOf(requests, place, newest.number);
}

async function pullOf(requests: Requests, { owner, repo }: Place, number: number): Promise<Pull> {
  const { answer } = await requests.send('GET /repos/{owner}/{repo}/pulls/{pull_number}', {
    owner,
    repo,
    pull_number: number,
  });
  return readPull(answer);
}

export function readPull(answer: Answer): Pull {
  const merged = answer.field('merged').flag();
  const open = answer.field('state').text() === 'open';
  const mergeable = answer.field('mergeable').nullable((each) => each.flag());
  const sha = answer.field('merge_commit_sha').nullable((each) => each.sha());
  return {
    number: answer.field('number').count(),
    url: answer.field('html_url').text(/^https?:\/\/\S{1,1000}$/),
    state: merged ? 'Merged' : open ? 'Open' : 'Closed',
    body: answer.field('body').nullable((each) => each.text()),
    head: answer.field('head').field('sha').sha(),
    mergedBy: merged ? (answer.field('merged_by').nullable(readAccount)?.login ?? undefined) : undefined,
    commit: merged ? (sha ?? undefined) : undefined,
    conflicts: open && mergeable !== null ? !mergeable : undefined,
  };
}
