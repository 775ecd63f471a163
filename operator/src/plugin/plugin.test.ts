import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './main.js';
import { PluginScene } from './testing/scene.js';

jest.setTimeout(60_000);

let scene: PluginScene;
let out: string;
let err: string;
beforeEach(async () => {
  [out, err] = ['', ''];
  jest.spyOn(process.stdout, 'write').mockImplementation((text) => ((out += String(text)), true));
  jest.spyOn(process.stderr, 'write').mockImplementation((text) => ((err += String(text)), true));
  scene = new PluginScene();
  await scene.start();
});
afterEach(async () => {
  jest.restoreAllMocks();
  await scene.end();
});

const plugin = (...argv: string[]): Promise<number> => {
  [out, err] = ['', ''];
  return run([...argv, '--kubeconfig', scene.kubeconfig]);
};
const json = (): unknown => JSON.parse(out);

test('status: what the operator says, of the only cluster or of the one that is named', async () => {
  expect(await plugin('status')).toBe(0);
  expect(out).toMatch(/^house\/sample: leader sample-1, term 4 · 3 of 3 ready/);
  expect(out).toMatch(/Available +True +QuorumAnswers/);
  expect(await plugin('status', 'sample', '--json')).toBe(0);
  expect(json()).toMatchObject({ name: 'sample', namespace: 'house', status: { leader: 'sample-1' } });
});

test('members: what they say of themselves through port-forward, and who is away', async () => {
  expect(await plugin('members')).toBe(0);
  expect(out).toMatch(/2 +sample-1 +leader +4 +70 +70 +0\.1\.0/);
  scene.api.ports.delete('sample-2');
  expect(await plugin('members', '--json')).toBe(0);
  const told = json() as { pod: string; status?: { memberId: number }; error?: string }[];
  expect(told.map(({ pod, status }) => [pod, status?.memberId])).toEqual([
    ['sample-0', 1],
    ['sample-1', 2],
    ['sample-2', undefined],
  ]);
  expect(told[2]!.error).toMatch(/port-forward failed \(.*404/);
  scene.place.leader = 0;
  expect(await plugin('members')).toBe(3);
  expect(out).toContain('nobody leads');
  // Something listens no more behind the forwarded port.
  scene.api.ports.set('sample-0', 1);
  await plugin('members');
  expect(out).toMatch(/- +sample-0 +AWAY.*ECONNREFUSED/);
});

test('members without the rights to it: what is missing is named', async () => {
  scene.api.forbidden.add('pods/portforward');
  expect(await plugin('members')).toBe(3);
  expect(out).toMatch(/403.*you may not create pods\/portforward/);
  scene.api.forbidden.add('secrets');
  expect(await plugin('members')).toBe(1);
  expect(err).toMatch(/you may not read the Secret sample-client in house.*--tls FOLDER/);
});

test("transfer-leader: with an admin's certificate that is made for it; without the right to one it says so", async () => {
  expect(await plugin('transfer-leader', '--to', '3')).toBe(0);
  expect(out).toBe('member 3 leads, term 5\n');
  expect(scene.place).toEqual({ leader: 3, term: 5 });
  expect(await plugin('transfer-leader', 'sample', '--json')).toBe(0);
  expect(json()).toEqual({ leader: 1, term: 6 });
  scene.api.forbidden.add('secrets/sample-authority');
  expect(await plugin('transfer-leader')).toBe(1);
  expect(err).toMatch(
    /admin's certificate.*may not read the Secret sample-authority.*no Secret sample-backup/,
  );
  // What applications have is not enough.
  const client = scene.api.storage.get('/secrets', { namespace: 'house', name: 'sample-client' })!;
  scene.put('', 'secrets', 'Secret', 'sample-backup', { data: (client as unknown as { data: object }).data });
  expect(await plugin('transfer-leader')).toBe(1);
  expect(err).toMatch(/PERMISSION_DENIED/);
  expect(scene.place.term).toBe(6);
  scene.place.leader = 0;
  expect(await plugin('transfer-leader')).toBe(3);
  expect(err).toMatch(/nobody leads: sample-0: follower/);
});

test('recommendations: those of the cluster, with names that steer nothing', async () => {
  expect(await plugin('recommendations')).toBe(0);
  expect(out).toBe('no recommendations\n');
  const pullRequest = { url: 'https://forge.example/\x1b[2J\u202e1' };
  for (const name of ['sample', 'other'])
    scene.put('aegis.dev', 'tuningrecommendations', 'TuningRecommendation', `slower-${name}`, {
      spec: { clusterRef: { name }, patch: { electionTimeoutMs: 2_000 } },
      status: { phase: 'PullRequestOpen', pullRequest },
    });
  expect(await plugin('recommendations', 'sample')).toBe(0);
  expect(out).toMatch(/slower-sample +sample +electionTimeoutMs=2000 +PullRequestOpen/);
  expect(out).not.toContain('slower-other');
  // eslint-disable-next-line no-control-regex
  expect(out).not.toMatch(/[\x1b\u202e]/);
});

test('report: an archive that tar reads, without Secrets, with what could not be had', async () => {
  const involvedObject = { kind: 'Pod', name: 'sample-0' };
  scene.put('', 'events', 'Event', 'e1', { involvedObject, reason: 'Killed', message: 'oom' });
  scene.put('', 'events', 'Event', 'e2', { involvedObject: { name: 'stranger' }, reason: 'Elsewhere' });
  scene.put('aegis.dev', 'incidents', 'Incident', 'i1', { spec: { clusterRef: { name: 'sample' } } });
  scene.api.forbidden.add('networkpolicies');
  scene.api.logs.delete('sample-2');
  const archive = join(scene.folder, 'r.tar.gz');
  expect(await plugin('report', '--output', archive, '--json')).toBe(0);
  const { files, problems } = json() as { files: string[]; problems: string[] };
  expect(problems.join('\n')).toMatch(
    /networkPolicies\.json: .*forbidden[^]*logs\/sample-2\.log: .*not started/,
  );
  expect(statSync(archive).mode & 0o777).toBe(0o600);
  mkdirSync(join(scene.folder, 'out'));
  execFileSync('tar', ['-xzf', archive, '-C', join(scene.folder, 'out')]);
  const [root] = readdirSync(join(scene.folder, 'out'));
  const read = (file: string): string => readFileSync(join(scene.folder, 'out', root!, file), 'utf8');
  expect(read('logs/sample-0.log')).toContain('log of sample-0');
  expect(files).toContain('logs/sample-0.previous.log');
  expect(read('events.json')).toContain('oom');
  expect(read('events.json')).not.toContain('Elsewhere');
  expect(read('incidents.json')).toContain('i1');
  expect(JSON.parse(read('status.json'))).toMatchObject({ leader: 'sample-1' });
  const all = files.map(read).join('\n');
  const secrets = scene.api.storage.list('/secrets') as unknown as { data: Record<string, string> }[];
  const texts = secrets.flatMap(({ data }) => Object.values(data));
  expect(texts).toHaveLength(5);
  for (const secret of [...texts, 'hunter2', 'abcdefghijkl', 'PRIVATE KEY'])
    expect(all).not.toContain(secret);
  expect(await plugin('report', '--output', archive)).toBe(2);
  expect(err).toMatch(/is there already/);
  const folder = join(scene.folder, 'bundle');
  expect(await plugin('report', '--output', folder)).toBe(0);
  expect(readdirSync(folder)).toContain('problems.txt');
});

test.each([
  [['frobnicate'], /there is no command "frobnicate"; there are status/],
  [['status', '--frobnicate'], /--frobnicate/],
  [['status', 'a', 'b'], /"b" is too many/],
  [['status', '-n', '../x'], /--namespace: "\.\.\/x"/],
  [['members', '--to', '3'], /--to is for transfer-leader/],
  [['transfer-leader', '--to', '0'], /--to: "0" is not a whole number/],
  [['report', '--tail', '-1'], /--tail/],
  [['status', '--context', 'nowhere'], /no context "nowhere".*there are house, elsewhere/],
  [['members', '--tls', '/nowhere'], /--tls: \/nowhere must hold ca\.crt/],
])('%j: status 2, and a word on what is wrong', async (argv, word) => {
  expect(await plugin(...argv)).toBe(2);
  expect(err).toMatch(word);
});

test('no such cluster, none, several, no API server: each says what to do next', async () => {
  expect(await plugin('status', 'other')).toBe(1);
  expect(err).toMatch(/no AegisCluster other in the namespace house; there are sample/);
  expect(await plugin('members', '--context', 'elsewhere')).toBe(1);
  expect(err).toMatch(/no AegisCluster in the namespace elsewhere: choose another with -n/);
  scene.put('aegis.dev', 'aegisclusters', 'AegisCluster', 'zweiter', { spec: { replicas: 3 } });
  expect(await plugin('members')).toBe(2);
  expect(err).toMatch(/say which of sample, zweiter/);
  expect(await plugin('status')).toBe(3);
  expect(out).toMatch(/zweiter +0\/3/);
  scene.api.forbidden.add('aegisclusters');
  expect(await plugin('status')).toBe(1);
  expect(err).toMatch(/forbidden.*Ask for this right/);
  expect(await run(['status', '--kubeconfig', '/nowhere'])).toBe(2);
  expect(err).toMatch(/kubeconfig \/nowhere cannot be read/);
  await scene.api.stop();
  expect(await plugin('status')).toBe(3);
  expect(err).toMatch(/API server cannot be reached.*kubectl cluster-info/);
  await scene.api.start();
});

test('kubectl finds it by its name', () => {
  const program = join(import.meta.dirname, '../../bin/kubectl-aegis.js');
  const said = execFileSync(process.execPath, [program, 'status', '--help'], { encoding: 'utf8' });
  expect(said).toMatch(/^kubectl aegis: /);
});
