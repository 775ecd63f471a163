import { ApiError, invalid, notFound } from '../http/api-types.js';
import { bodyTextOf, optionalTextOf, page, reply, route, type Route } from '../http/router.js';
import type { Review, ReviewState } from '../model/pull.js';
import { reviewShape } from '../shapes/pull.js';
import type { Context } from './context.js';

const STATES: Readonly<Record<string, ReviewState>> = {
  APPROVE: 'APPROVED',
  REQUEST_CHANGES: 'CHANGES_REQUESTED',
  COMMENT: 'COMMENTED',
};

export function reviewRoutes(context: Context): Route[] {
  const { api } = context;
  let lastId = 900_000;
  return [
    route('get', '/repos/{owner}/{repo}/pulls/{pull_number}/reviews', async (call) => {
      const repository = context.repository(call);
      const pull = await context.pull(call, repository);
      const { body, headers } = page(call, pull.reviews);
      return reply(
        200,
        body.map((review) => reviewShape(api, repository, pull, review)),
        headers,
      );
    }),
    route('post', '/repos/{owner}/{repo}/pulls/{pull_number}/reviews', async (call) => {
      const repository = context.repository(call);
      const pull = await context.pull(call, repository);
      const user = context.viewer(call);
      const state = STATES[optionalTextOf(call, 'event') ?? ''];
      if (state === undefined) throw invalid('PullRequestReview', 'event', 'event is none of the known ones');
      if (user === pull.author && state !== 'COMMENTED') {
        throw new ApiError(422, 'Unprocessable Entity: Can not approve your own pull request');
      }
      const commit = optionalTextOf(call, 'commit_id') ?? pull.headSha;
      const submittedAt = repository.clock.next();
      const review: Review = { id: ++lastId, user, state, body: bodyTextOf(call) ?? '', commit, submittedAt };
      pull.reviews.push(review);
      return reply(200, reviewShape(api, repository, pull, review));
    }),
    route('put', '/repos/{owner}/{repo}/pulls/{pull_number}/reviews/{review_id}/dismissals', async (call) => {
      const repository = context.repository(call, 'write');
      const pull = await context.pull(call, repository);
      const review = pull.reviews.find(({ id }) => id === Number(call.params['review_id']));
      if (review === undefined) throw notFound();
      review.state = 'DISMISSED';
      return reply(200, reviewShape(api, repository, pull, review));
    }),
  ];
}
