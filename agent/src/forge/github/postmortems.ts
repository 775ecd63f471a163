import type { Answer } from '@aegis/operator/github';
import { block, hasBlock, replaceBlock } from '../block.js';
import type { IssueState, PostmortemPage } from '../forge.js';
import type { Place } from './place.js';
import type { Requests } from './requests.js';

const PER_PAGE = 100;
/** So far back an incident's issue is looked for. */
const PAGES_MAX = 20;
const KIND = 'postmortem';

interface Issue {
  readonly number: number;
  readonly url: string;
  readonly body: string | null;
  readonly open: boolean;
}

/** One issue an incident, found by its marker among those that this identity opened. */
export async function writePostmortem(
  requests: Requests,
  place: Place,
  page: PostmortemPage,
): Promise<IssueState> {
  const { owner, repo } = place;
  const id = `${page.target.clusterId}/${page.incident}`;
  const there = await findIssue(requests, place, id);
  if (there === undefined) {
    const { answer } = await requests.send('POST /repos/{owner}/{repo}/issues', {
      owner,
      repo,
      title: page.title,
      body: block(KIND, id, page.body),
      labels: page.labels,
    });
    const opened = readIssue(answer);
    if (page.closed) await change(requests, place, opened.number, { state: 'closed' });
    return { number: opened.number, url: opened.url, did: 'opened' };
  }
  const { number, url } = there;
  const body = replaceBlock(there.body, KIND, id, page.body);
  const changed = body !== undefined && body !== (there.body ?? '').replaceAll('\r\n', '\n');
  // What people closed stays closed, and what is settled is closed once, with the update that settles it.
  const closes = changed && page.closed && there.open;
  if (!changed) return { number, url, did: 'nothing' };
  await change(requests, place, number, { body, ...(closes ? { state: 'closed' } : {}) });
  return { number, url, did: 'updated' };
}

async function change(
  requests: Requests,
  { owner, repo }: Place,
  number: number,
  what: object,
): Promise<void> {
  await requests.send('PATCH /repos/{owner}/{repo}/issues/{issue_number}', {
    owner,
    repo,
    issue_number: number,
    ...what,
  });
}

async function findIssue(
  requests: Requests,
  { owner, repo, login }: Place,
  id: string,
): Promise<Issue | undefined> {
  for (let page = 1; page <= PAGES_MAX; page++) {
    const query = { owner, repo, state: 'all', creator: login, per_page: PER_PAGE, page };
    const { answer } = await requests.send('GET /repos/{owner}/{repo}/issues', query);
    const items = answer.items();
    const found = items.map(readIssue).filter(({ body }) => hasBlock(body, KIND, id));
    // The oldest, should there ever be two.
    if (found.length > 0) return found.toSorted((a, b) => a.number - b.number)[0];
    if (items.length < PER_PAGE) return undefined;
  }
  return undefined;
}

function readIssue(answer: Answer): Issue {
  return {
    number: answer.field('number').count(),
    url: answer.field('html_url').text(/^https?:\/\/\S{1,1000}$/),
    body: answer.field('body').nullable((each) => each.text()),
    open: answer.field('state').text() === 'open',
  };
}
