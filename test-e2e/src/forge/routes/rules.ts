import { invalid, notFound, type Schemas } from '../http/api-types.js';
import { page, reply, route, textOf, type Route } from '../http/router.js';
import type { Ruleset } from '../model/rules.js';
import { branchRules, rulesetShape } from '../shapes/rules.js';
import type { Context } from './context.js';

const ENFORCEMENTS = ['disabled', 'active', 'evaluate'];

export function ruleRoutes(context: Context): Route[] {
  const { api } = context;
  let lastId = 70_000;
  return [
    route('get', '/repos/{owner}/{repo}/rules/branches/{branch}', async (call) => {
      const { body, headers } = page(call, branchRules(context.repository(call), call.params['branch']!));
      return reply(200, body, headers);
    }),
    route('get', '/repos/{owner}/{repo}/rulesets', async (call) => {
      const repository = context.repository(call);
      const { body, headers } = page(call, [...repository.rulesets.values()]);
      const shapes = body.map((ruleset) => {
        // A list names the rulesets; rules, bypass lists and the viewer's own bypass come with each one.
        const {
          rules: _,
          bypass_actors: __,
          current_user_can_bypass: ___,
          ...short
        } = rulesetShape(api, repository, ruleset, call.viewer);
        return short;
      });
      return reply(200, shapes, headers);
    }),
    route('get', '/repos/{owner}/{repo}/rulesets/{ruleset_id}', async (call) => {
      const repository = context.repository(call);
      const ruleset = repository.rulesets.get(Number(call.params['ruleset_id']));
      if (ruleset === undefined) throw notFound();
      return reply(200, rulesetShape(api, repository, ruleset, call.viewer));
    }),
    route('post', '/repos/{owner}/{repo}/rulesets', async (call) => {
      const repository = context.repository(call, 'admin');
      const enforcement = textOf(call, 'enforcement');
      if (!ENFORCEMENTS.includes(enforcement))
        throw invalid('Ruleset', 'enforcement', `${enforcement} is unknown`);
      const conditions = call.body['conditions'] as Schemas['repository-ruleset-conditions'] | undefined;
      const ruleset: Ruleset = {
        id: ++lastId,
        name: textOf(call, 'name'),
        enforcement: enforcement as Ruleset['enforcement'],
        include: conditions?.ref_name?.include ?? ['~DEFAULT_BRANCH'],
        bypassActors: (call.body['bypass_actors'] as Ruleset['bypassActors'] | undefined) ?? [],
        rules: (call.body['rules'] as Ruleset['rules'] | undefined) ?? [],
        createdAt: repository.clock.next(),
      };
      repository.rulesets.set(ruleset.id, ruleset);
      return reply(201, rulesetShape(api, repository, ruleset, call.viewer));
    }),
  ];
}
