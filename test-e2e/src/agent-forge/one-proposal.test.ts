import { samplePostmortem, sampleRequest, SETTINGS, TARGET, ONSET } from '@aegis/agent/forge/testing';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { startForge, type Forge, type Identity } from '../forge/index.js';
import { BRANCH, dyingAt, PATH, Scene } from './scene.js';

/** Real git underneath: a busy machine may take its time. */
jest.setTimeout(300_000);

let forge: Forge;
let ada: Identity;
let tuner: Identity;
let app: Identity;
let count = 0;
beforeAll(async () => {
  forge = await startForge();
  ada = forge.identities.user('ada');
  tuner = forge.identities.user('tuner');
  app = forge.identities.app('aegis-tuner');
});
afterAll(() => forge.close());

const scene = (agent: Identity = tuner): Promise<Scene> => Scene.of(forge, ada, agent, `shop-${++count}`);
const merges = () =>
  forge.server.seen.filter(({ path, login }) => path.endsWith('/merge') && login !== 'ada');

describe.each([
  ['a machine account with a fork', () => tuner],
  ['an App', () => app],
])('%s', (kind, agent) => {
  test('opens one request, and repeating it does nothing', async () => {
    const place = await scene(agent());
    const main = await place.repository.git.head('main');
    const opened = await (await place.started()).publish(sampleRequest());
    expect(opened).toMatchObject({
      did: 'opened',
      state: 'Open',
      branch: BRANCH,
      takenOver: false,
      conflicts: false,
    });
    for (let i = 0; i < 3; i++)
      expect(await (await place.started()).publish(sampleRequest())).toMatchObject({
        did: 'nothing',
        number: opened.number,
        head: opened.head,
      });
    expect(place.pulls).toHaveLength(1);
    const [pull] = place.pulls;
    expect(pull).toMatchObject({
      title: 'Tune timing of shop/orders: electionTimeoutMs 1200',
      baseRef: 'main',
      headRef: BRANCH,
      author: { login: agent().login },
    });
    expect(pull!.labels).toEqual(kind === 'an App' ? ['aegis', 'aegis/tuning', 'aegis/timing'] : []);
    expect(pull!.body).toContain('| `electionTimeoutMs` | 1000 | 1200 |');
    expect(await place.fileAt(place.branches, BRANCH)).toBe(SETTINGS.replace('1000', '1200'));
    expect(await place.fileAt(place.branches, BRANCH, 'other.txt')).toBe('x\n');
    expect(await place.repository.git.head('main')).toBe(main);
    expect(await place.branches.git.count(opened.head, main!)).toBe(1);
  });

  test.each(['before', 'after'] as const)(
    'killed %s any of its requests, there is one request in the end, with one commit',
    async (when) => {
      let killed = 0;
      for (let nth = 1; ; nth++) {
        const place = await scene(agent());
        const { network, died } = dyingAt(nth, when);
        const life = await place
          .started(network)
          .then((forge) => forge.publish(sampleRequest()))
          .catch((error: unknown) => error);
        if (!died()) {
          expect(life).toMatchObject({ did: 'opened' });
          break;
        }
        killed += 1;
        const again = await place.started();
        const published = await again.publish(sampleRequest());
        expect(published).toMatchObject({ state: 'Open', takenOver: false });
        expect(await again.publish(sampleRequest())).toMatchObject({ did: 'nothing', head: published.head });
        expect(place.pulls.map(({ state, headSha }) => ({ state, headSha }))).toEqual([
          { state: 'open', headSha: published.head },
        ]);
        expect(
          await place.branches.git.count(published.head, (await place.repository.git.head('main'))!),
        ).toBe(1);
        expect(await place.fileAt(place.branches, BRANCH)).toBe(SETTINGS.replace('1000', '1200'));
      }
      expect(killed).toBeGreaterThanOrEqual(12);
    },
    120_000,
  );

  test.each(['before', 'after'] as const)(
    'killed %s any request about a postmortem, there is one issue',
    async (when) => {
      const page = samplePostmortem([{ what: 'electionTimeoutMs 1200', phase: 'PullRequestOpen' }]);
      for (let nth = 1; ; nth++) {
        const place = await scene(agent());
        const { network, died } = dyingAt(nth, when);
        await place
          .started(network)
          .then((forge) => forge.postmortem(page))
          .catch(() => undefined);
        if (!died()) break;
        await (await place.started()).postmortem(page);
        expect(await (await place.started()).postmortem(page)).toMatchObject({ did: 'nothing' });
        expect(place.issues).toHaveLength(1);
      }
    },
    120_000,
  );
});

describe('a proposal that says something else', () => {
  test('goes into the same request, moved onto the newest base', async () => {
    const place = await scene();
    const first = await (await place.started()).publish(sampleRequest());
    await place.repository.push(ada, 'main', { 'other.txt': 'y\n' });
    const second = await (await place.started()).publish(sampleRequest({ pauseMaxUs: 1_035_000 }));
    expect(second).toMatchObject({ did: 'updated', number: first.number });
    expect(second.head).not.toBe(first.head);
    expect(place.pulls).toMatchObject([
      { title: 'Tune timing of shop/orders: electionTimeoutMs 1300', headSha: second.head },
    ]);
    expect(place.pulls[0]!.body).not.toContain('| 1000 | 1200 |');
    expect(await place.fileAt(place.branches, BRANCH, 'other.txt')).toBe('y\n');
  });
});

describe('a postmortem', () => {
  test('is updated when something came of the proposal, and closed when all is settled; what people wrote stays', async () => {
    const place = await scene();
    const agent = await place.started();
    expect(await agent.postmortem(samplePostmortem([{ what: 'x', phase: 'PullRequestOpen' }]))).toMatchObject(
      { did: 'opened' },
    );
    place.issues[0]!.body = `We know this one.\n\n${place.issues[0]!.body}`;
    const done = samplePostmortem([{ what: 'x', phase: 'Applied', note: 'merged by ada' }], ONSET + 60_000);
    expect(await agent.postmortem(done)).toMatchObject({ did: 'updated' });
    expect(place.issues).toMatchObject([
      { state: 'closed', body: expect.stringMatching(/^We know this one\..*Applied.*merged by ada/s) },
    ]);
    place.issues[0]!.state = 'open';
    expect(await agent.postmortem(done)).toMatchObject({ did: 'nothing' });
    expect(place.issues[0]!.state).toBe('open');
  });

  test('another incident has another issue, and somebody else’s issue is not taken for it', async () => {
    const place = await scene();
    const agent = await place.started();
    await agent.postmortem(samplePostmortem([]));
    await place.as(ada).issues.create({ ...place.at, title: 'Copy', body: place.issues[0]!.body! });
    await agent.postmortem(samplePostmortem([], undefined, 'orders-2'));
    await agent.postmortem(samplePostmortem([], ONSET + 1, 'orders-2'));
    expect(
      place.issues.map(({ author, body }) => `${author.login} ${/postmortem \S+/.exec(body!)![0]}`),
    ).toEqual([
      `tuner postmortem ${TARGET.clusterId}/orders-1`,
      `ada postmortem ${TARGET.clusterId}/orders-1`,
      `tuner postmortem ${TARGET.clusterId}/orders-2`,
    ]);
  });
});

describe('what people do with a request', () => {
  test('their words around the agent’s part stay, and a part without marks is theirs', async () => {
    const place = await scene();
    await (await place.started()).publish(sampleRequest());
    const [pull] = place.pulls;
    pull!.body = `Please wait for Monday.\r\n\r\n${pull!.body!.replaceAll('\n', '\r\n')}\r\n\r\nada`;
    expect(await (await place.started()).publish(sampleRequest())).toMatchObject({ did: 'nothing' });
    await (await place.started()).publish(sampleRequest({ pauseMaxUs: 1_035_000 }));
    expect(pull!.body).toMatch(/^Please wait for Monday\..*\| 1300 \|.*ada$/s);
    pull!.body = 'All mine.';
    expect(await (await place.started()).publish(sampleRequest({ pauseMaxUs: 1_075_000 }))).toMatchObject({
      did: 'updated',
    });
    expect(pull!.body).toBe('All mine.');
  });

  test.each([
    ['pushed on top', false],
    ['force-pushed', true],
  ])('what they %s is theirs', async (_, rewrite) => {
    const place = await scene();
    const published = await (await place.started()).publish(sampleRequest());
    const parents = rewrite ? [(await place.repository.git.head('main'))!] : [published.head];
    const theirs = await place.branches.commitFiles(
      ada,
      parents,
      { [PATH]: SETTINGS.replace('1000', '1111') },
      'Mine',
    );
    await place.branches.setBranch(ada, BRANCH, theirs);
    const agent = await place.started();
    expect(await agent.publish(sampleRequest({ pauseMaxUs: 1_035_000 }))).toMatchObject({
      did: 'left-to-its-human',
      takenOver: true,
    });
    expect(await agent.withdraw(TARGET, 'timing', 'Expired.')).toMatchObject({ state: 'Open' });
    expect(await place.branches.git.head(BRANCH)).toBe(theirs);
    expect(place.pulls).toHaveLength(1);
  });

  test('a commit that only pretends to be the agent’s is theirs', async () => {
    const place = await scene();
    const published = await (await place.started()).publish(sampleRequest());
    const { message } = await place.branches.git.commit(published.head);
    const sly = await place.branches.commitFiles(
      ada,
      [(await place.repository.git.head('main'))!],
      { [PATH]: SETTINGS.replace('1000', '1111') },
      message,
    );
    await place.branches.setBranch(ada, BRANCH, sly);
    expect(await (await place.started()).stateOf(TARGET, 'timing')).toMatchObject({ takenOver: true });
  });

  test('what they closed stays closed, until something new is to be said', async () => {
    const place = await scene();
    const { number } = await (await place.started()).publish(sampleRequest());
    await place.as(ada).pulls.update({ ...place.at, pull_number: number!, state: 'closed' });
    const agent = await place.started();
    expect(await agent.publish(sampleRequest())).toMatchObject({ did: 'nothing', state: 'Closed', number });
    expect(await agent.stateOf(TARGET, 'timing')).toMatchObject({ state: 'Closed', number });
    expect(await agent.publish(sampleRequest({ pauseMaxUs: 1_035_000 }))).toMatchObject({ did: 'opened' });
    expect(place.pulls.map(({ state }) => state)).toEqual(['closed', 'open']);
  });

  test('what they reopened goes on', async () => {
    const place = await scene();
    const { number } = await (await place.started()).publish(sampleRequest());
    const at = { ...place.at, pull_number: number! };
    await place.as(ada).pulls.update({ ...at, state: 'closed' });
    await place.as(ada).pulls.update({ ...at, state: 'open' });
    expect(await (await place.started()).publish(sampleRequest({ pauseMaxUs: 1_035_000 }))).toMatchObject({
      did: 'updated',
      number,
    });
    expect(place.pulls).toHaveLength(1);
  });

  test.each(['merge', 'squash', 'rebase'] as const)(
    'what they merge (%s) is seen, with who did it',
    async (method) => {
      const place = await scene();
      const { number } = await (await place.started()).publish(sampleRequest());
      await place.as(ada).pulls.merge({ ...place.at, pull_number: number!, merge_method: method });
      const agent = await place.started();
      const head = await place.repository.git.head('main');
      expect(await agent.stateOf(TARGET, 'timing')).toMatchObject({
        state: 'Merged',
        mergedBy: 'ada',
        commit: head,
      });
      await expect(agent.publish(sampleRequest())).rejects.toMatchObject({ reason: 'NothingChanges' });
      expect(await place.fileAt(place.repository, 'main')).toBe(SETTINGS.replace('1000', '1200'));
      expect(place.pulls).toHaveLength(1);
    },
  );

  test('a base that moved under it: the conflict is told, and gone after the next publishing', async () => {
    const place = await scene();
    const { number } = await (await place.started()).publish(sampleRequest());
    await place.repository.push(ada, 'main', { [PATH]: SETTINGS.replace('1000', '1100') });
    const agent = await place.started();
    expect(await agent.stateOf(TARGET, 'timing')).toMatchObject({ state: 'Open', conflicts: true });
    expect(await agent.publish(sampleRequest())).toMatchObject({ did: 'updated', number, conflicts: false });
  });

  test('what the agent withdraws says why, and is not opened again by itself', async () => {
    const place = await scene();
    const agent = await place.started();
    await agent.publish(sampleRequest());
    expect(
      await agent.withdraw(TARGET, 'timing', 'The settings that it was made for have changed.'),
    ).toMatchObject({ state: 'Closed' });
    expect(await agent.withdraw(TARGET, 'timing', 'Again.')).toMatchObject({ state: 'Closed' });
    expect(place.pulls).toMatchObject([{ state: 'closed', body: expect.stringContaining('have changed.') }]);
    expect(place.pulls[0]!.body).not.toContain('Again.');
    expect(await agent.publish(sampleRequest())).toMatchObject({ did: 'nothing', state: 'Closed' });
    expect(await agent.withdraw(TARGET, 'flow', 'x')).toBeUndefined();
  });
});

test('nobody but people asked to merge anything', () => {
  expect(merges()).toEqual([]);
});
