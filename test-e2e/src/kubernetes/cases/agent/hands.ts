import { Authority } from '@aegis/client/certificates';
import { readFileSync } from 'node:fs';

import { Scene } from '../../../config-source/scene.js';
import { startForge } from '../../../forge/index.js';
import type { Attempt } from '../../../without-hands/attempts.js';
import { doorsAddress } from '../../../without-hands/doors-address.js';
import { generatedMethods } from '../../../without-hands/grpc-methods.js';
import type { Asked, PodTargets } from '../../../without-hands/in-pod.js';
import { NETWORK } from '../../machines/network.js';
import { type Case, expect, type Stage } from '../case.js';
import { PORTS, RunningCluster } from '../clusters/running.js';
import { OPERATOR } from '../release/operator.js';
import { TOKEN_FILE, withAgentOn } from './agent.js';
import { verbsOn } from './verbs.js';

const PROGRAM = new URL('../../../without-hands/in-pod.js', import.meta.url);
const SETTINGS = 'spec: {}\n';
/** As GitHub refuses whom it does not tell what there is. */
const FORGE_REFUSES = [403, 404];

export const agentHasNoHands: Case = {
  name: "from the agent's own pod, with its files, its tokens and its place in the network: every method, verb and merge is tried and refused",
  skip: ({ own }) =>
    own === undefined
      ? 'the forge runs on this machine, where pods of a given cluster do not reach it'
      : undefined,
  async run(stage) {
    const forge = await startForge(NETWORK.here);
    try {
      const scene = await Scene.begin(forge, 'hands');
      await withAgentOn(scene, stage, () => everything(stage, scene));
    } finally {
      await forge.close();
    }
  },
};

async function everything(stage: Stage, scene: Scene): Promise<void> {
  const { namespace, note } = stage;
  // One that the network guards, and one that nothing guards but its certificates.
  const [guarded, open] = await Promise.all([
    RunningCluster.create(stage, { replicas: 1 }, 'guarded'),
    RunningCluster.create(stage, { replicas: 1, network: { policy: false } }, 'open'),
  ]);
  const addressOf = async (cluster: RunningCluster): Promise<string> =>
    (await cluster.pods())[0]!.status.podIP!;
  const places = { guarded: await addressOf(guarded), open: await addressOf(open) };
  const pull = await scene.propose([SETTINGS], { author: scene.people.ada });
  const asked = requestsOf(scene, pull.number, (await scene.repository.git.head('main'))!);
  const authority = await Authority.create('of-the-agent');
  const targets: PodTargets = {
    doors: doorsAddress(),
    packages: '/app/node_modules/x.js',
    methods: await generatedMethods(),
    clientPorts: Object.fromEntries(
      Object.entries(places).map(([name, host]) => [name, `${host}:${PORTS.client}`]),
    ),
    peerPorts: Object.values(places).map((host) => `${host}:${PORTS.peer}`),
    asked: [...asked.map(ofTheAgent), ...verbsOn(namespace, 'guarded')],
    selfMade: await authority.issue({ name: 'admin', role: 'aegis:admin' }),
  };
  const state = async (): Promise<string> =>
    JSON.stringify([
      await Promise.all([guarded, open].map((cluster) => cluster.podUids())),
      await Promise.all([guarded, open].map(async (cluster) => (await cluster.get()).metadata.generation)),
      await scene.repository.git.head('main'),
    ]);
  const before = await state();
  const tried = await triedBy(stage, targets);
  for (const { what, refused, how } of tried) if (!refused) note(`NOT REFUSED: ${what} (${how})`);
  const done = tried.filter(({ refused }) => !refused);
  expect(done.length === 0, `${done.length} attempts were not refused: ${done[0]?.what} (${done[0]?.how})`);
  const wanted = 6 * targets.methods.length + 2 * targets.peerPorts.length + targets.asked.length;
  expect(tried.length === wanted, `${tried.length} attempts of ${wanted}`);
  expect((await state()) === before, 'something has changed');
  note(
    `${tried.length} attempts, none done: ${targets.methods.length} methods in three ways at two members, ${targets.asked.length - asked.length} verbs of the API server, ${asked.length} requests to the forge`,
  );
  // Whoever may does the same, so that it was not refused for another reason.
  for (const request of asked) {
    const answer = await fetch(request.url, {
      method: request.method,
      headers: {
        authorization: `Bearer ${scene.people.owner.token}`,
        'content-type': 'application/json',
        'user-agent': 'owner',
      },
      ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
    });
    expect(answer.ok, `${request.what}, by the owner: ${answer.status} ${await answer.text()}`);
  }
}

type Request = Pick<Asked, 'what' | 'url' | 'method' | 'body'>;

/** What changes something at the forge, in an order in which the owner can do all of it. */
function requestsOf({ forge, at: { owner, repo } }: Scene, pull: number, head: string): readonly Request[] {
  const of = (method: string, path: string, body?: object): Request => ({
    what: `${method} ${path} of the forge`,
    url: `${forge.url}/repos/${owner}/${repo}/${path}`,
    method,
    ...(body === undefined ? {} : { body }),
  });
  const content = Buffer.from(SETTINGS).toString('base64');
  return [
    of('POST', 'git/refs', { ref: 'refs/heads/by-hand', sha: head }),
    of('PATCH', 'git/refs/heads/by-hand', { sha: head, force: true }),
    of('PUT', 'contents/by-hand.yaml', { message: 'By hand', content, branch: 'by-hand' }),
    of('DELETE', 'git/refs/heads/by-hand'),
    of('PATCH', 'git/refs/heads/main', { sha: head, force: true }),
    of('PUT', 'contents/other.yaml', { message: 'By hand', content, branch: 'main' }),
    of('PATCH', `pulls/${pull}`, { title: 'Another' }),
    of('PUT', `pulls/${pull}/merge`, { merge_method: 'merge' }),
    of('POST', 'rulesets', {
      name: 'of-the-agent',
      enforcement: 'active',
      conditions: { ref_name: { include: ['~DEFAULT_BRANCH'], exclude: [] } },
      rules: [{ type: 'deletion' }],
    }),
  ];
}

const ofTheAgent = (request: Request): Asked => ({
  ...request,
  tokenFile: TOKEN_FILE,
  refusedBy: FORGE_REFUSES,
});

/** What came of the attempts, made where the agent is. */
async function triedBy({ kubectl }: Stage, targets: PodTargets): Promise<readonly Attempt[]> {
  const node = ['node', '--input-type=module', '--eval', readFileSync(PROGRAM, 'utf8')];
  const said = await kubectl.run(
    ...['exec', `deployment/${OPERATOR.agent}`, `--namespace=${OPERATOR.namespace}`, '--'],
    ...[...node, JSON.stringify(targets)],
  );
  return said
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Attempt);
}
