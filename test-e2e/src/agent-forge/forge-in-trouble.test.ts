import { samplePostmortem, sampleRequest, SETTINGS } from '@aegis/agent/forge/testing';
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { startForge, type Fault, type Forge, type Identity } from '../forge/index.js';
import { BRANCH, PATH, Scene } from './scene.js';

/** Real git underneath: a busy machine may take its time. */
jest.setTimeout(180_000);

let forge: Forge;
let ada: Identity;
let tuner: Identity;
let count = 0;
beforeAll(async () => {
  forge = await startForge();
  ada = forge.identities.user('ada');
  tuner = forge.identities.user('tuner');
});
afterAll(() => forge.close());
afterEach(() => forge.server.faults.clear());

const scene = (agent: Identity = tuner): Promise<Scene> => Scene.of(forge, ada, agent, `shop-${++count}`);

describe('what goes wrong with one request passes, and there is one pull request in the end', () => {
  const places: readonly (readonly [string, RegExp])[] = [
    ['of refs', /\/git\/ref/],
    ['of files', /\/contents\//],
    ['of trees', /\/git\/trees/],
    ['of commits', /\/git\/commits/],
    ['of pull requests', /\/pulls/],
    ['that follow the upstream', /\/merge-upstream/],
  ];
  const faults: readonly (readonly [string, Fault, string])[] = [
    ['401', { kind: 'status', status: 401 }, 'TokenRefused'],
    ['403', { kind: 'status', status: 403, message: 'Resource not accessible' }, 'AccessDenied'],
    ['403, a secondary limit', { kind: 'secondary-limit' }, 'ForgeLimited'],
    ['403 with Retry-After', { kind: 'retry-after', status: 403, seconds: 30 }, 'ForgeLimited'],
    ['the hour used up', { kind: 'rate-limit', resetSeconds: 60 }, 'ForgeLimited'],
    ['409', { kind: 'status', status: 409 }, 'ForgeNonsense'],
    ['422', { kind: 'status', status: 422 }, 'ForgeNonsense'],
    ['500', { kind: 'status', status: 500 }, 'ForgeFailing'],
    ['502', { kind: 'status', status: 502 }, 'ForgeFailing'],
    ['a connection that ends', { kind: 'reset' }, 'ForgeUnreachable'],
    ['half an answer', { kind: 'truncated' }, ''],
    [
      'a page for people',
      { kind: 'body', text: '<html>Unicorn!</html>', contentType: 'text/html' },
      'ForgeNonsense',
    ],
    ['another shape', { kind: 'body', text: '{"hello":1}' }, 'ForgeNonsense'],
  ];
  // Every fault somewhere, and those that tell the least everywhere.
  const everywhere = new Set(['403, a secondary limit', 'a connection that ends', '422']);
  const all = faults.flatMap(([name, fault, reason], at) =>
    places
      .filter((_, place) => everywhere.has(name) || place === at % places.length)
      .map(([place, path]) => [name, place, path, fault, reason] as const),
  );
  test.each(all)(
    '%s, at requests %s',
    async (_, __, path, fault, reason) => {
      const place = await scene();
      const agent = await place.started();
      forge.server.faults.add(fault, { times: 1, path });
      const outcome: unknown = await agent.publish(sampleRequest()).catch((error: unknown) => error);
      // A 422 on opening means that there may be one already.
      if (outcome instanceof Error)
        expect(outcome).toMatchObject({ name: 'ForgeError', ...(reason === '' ? {} : { reason }) });
      place.now += 3_600_000;
      expect(await (await place.started()).publish(sampleRequest())).toMatchObject({ state: 'Open' });
      expect(place.pulls).toHaveLength(1);
      expect(await place.fileAt(place.branches, BRANCH)).toBe(SETTINGS.replace('1000', '1200'));
    },
    30_000,
  );
});

describe('rate limits', () => {
  test('after one, GitHub hears nothing until the time is over', async () => {
    const place = await scene();
    const agent = await place.started();
    forge.server.faults.add({ kind: 'retry-after', status: 429, seconds: 90 }, { times: 1 });
    await expect(agent.publish(sampleRequest())).rejects.toMatchObject({
      reason: 'ForgeLimited',
      waitMs: 90_000,
    });
    const asked = forge.server.seen.length;
    place.now += 89_000;
    await expect(agent.publish(sampleRequest())).rejects.toMatchObject({
      reason: 'ForgeLimited',
      waitMs: 1_000,
    });
    await expect(agent.postmortem(samplePostmortem([]))).rejects.toMatchObject({ reason: 'ForgeLimited' });
    expect(forge.server.seen).toHaveLength(asked);
    place.now += 1_000;
    expect(await agent.publish(sampleRequest())).toMatchObject({ did: 'opened' });
  });

  test('changes are a second apart', async () => {
    const place = await scene();
    const before = place.now;
    await (await place.started()).publish(sampleRequest());
    const changes = place.slept.filter((ms) => ms > 0);
    expect(changes.length).toBeGreaterThanOrEqual(4);
    expect(place.now - before).toBeGreaterThanOrEqual(4_000);
  });

  test('what is wrong with one request does not silence the next', async () => {
    const place = await scene();
    const agent = await place.started();
    forge.server.faults.add({ kind: 'status', status: 409 }, { times: 1, path: /merge-upstream/ });
    await expect(agent.publish(sampleRequest())).rejects.toMatchObject({ name: 'ForgeError' });
    expect(await agent.publish(sampleRequest())).toMatchObject({ did: 'opened' });
  });
});

describe('who may merge is refused at the start', () => {
  const app = (name: string): Identity => forge.identities.app(name);

  test.each(['write', 'maintain', 'admin'] as const)('a machine account with the role %s', async (role) => {
    const place = await scene();
    place.repository.roles.set('tuner', role);
    await expect(place.started()).rejects.toMatchObject({
      reason: 'IdentityMayMerge',
      message: expect.stringContaining('tuner at ada/'),
    });
  });

  test('a machine account that may bypass a rule', async () => {
    const place = await scene();
    await place.demandRequests(tuner);
    await expect(place.started()).rejects.toMatchObject({
      reason: 'IdentityMayMerge',
      message: expect.stringContaining('may bypass ruleset'),
    });
  });

  test('an App on the bypass list, though another ruleset binds it', async () => {
    const bot = app('sly');
    const place = await scene(bot);
    await place.demandRequests(bot);
    await expect(place.started()).rejects.toMatchObject({ reason: 'IdentityMayMerge' });
  });

  test('an App at a branch that demands no pull requests', async () => {
    const place = await scene(app('free'));
    place.repository.rulesets.clear();
    await expect(place.started()).rejects.toMatchObject({ reason: 'BranchUnprotected' });
  });

  test('an App that may administrate', async () => {
    const bot = app('chief');
    const place = await scene(bot);
    place.repository.roles.set(bot.login, 'admin');
    await expect(place.started()).rejects.toMatchObject({ reason: 'IdentityMayMerge' });
  });

  test('whoever is not told whether they may bypass', async () => {
    const place = await scene(app('untold'));
    const alter = (body: unknown): unknown => ({ ...(body as object), current_user_can_bypass: undefined });
    forge.server.faults.add({ kind: 'altered', alter }, { path: /\/rulesets\/\d+$/ });
    await expect(place.started()).rejects.toMatchObject({
      reason: 'IdentityMayMerge',
      message: expect.stringContaining('unknown'),
    });
  });

  test('a machine account without a fork is told to make one', async () => {
    const place = await scene();
    const other = forge.identities.user(`loner-${count}`);
    const lone = new Proxy(place, {
      get: (target, name) => (name === 'agent' ? other : Reflect.get(target, name)),
    });
    await expect(lone.fresh().check()).rejects.toMatchObject({ reason: 'ForkMissing' });
  });

  test('and nothing is published unlooked at', async () => {
    const place = await scene();
    await expect(place.fresh().publish(sampleRequest())).rejects.toThrow(/check\(\) comes before/);
  });
});

describe('a repository that is not as it should be is told, and nothing is written', () => {
  test.each([
    ['the file moved', { [PATH]: null, 'elsewhere.yaml': SETTINGS }, 'FileMissing'],
    ['it is no YAML', { [PATH]: 'a: [\n' }, 'InvalidDocument'],
    ['the document is there twice', { [PATH]: `${SETTINGS}---\n${SETTINGS}` }, 'InvalidDocument'],
    [
      'the document is of another cluster',
      { [PATH]: SETTINGS.replace('orders', 'invoices') },
      'InvalidDocument',
    ],
    ['it is a folder', { [PATH]: null, [`${PATH}/a`]: 'x' }, 'InvalidDocument'],
    ['it says so already', { [PATH]: SETTINGS.replace('1000', '1200') }, 'NothingChanges'],
  ])('%s', async (_, files, reason) => {
    const place = await scene();
    await place.repository.push(ada, 'main', files);
    await expect((await place.started()).publish(sampleRequest())).rejects.toMatchObject({
      name: 'ForgeRefusal',
      reason,
    });
    expect(place.pulls).toEqual([]);
    expect(await place.branches.git.head(BRANCH)).toBeUndefined();
  });

  test('the repository was renamed', async () => {
    const place = await scene();
    place.repository.movedTo = 'ada/elsewhere';
    await expect(place.started()).rejects.toMatchObject({ reason: 'RepositoryMoved' });
  });
});
