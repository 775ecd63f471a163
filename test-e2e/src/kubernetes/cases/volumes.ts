import { eventually } from '../../harness/clock.js';
import { type Case, expect, type Stage } from './case.js';
import { startWeb } from './web.js';

const GROWN_MS_MAX = 20_000;

interface Claim {
  readonly status: { readonly phase: string; readonly capacity?: { readonly storage: string } };
}

/** A volume outlives its pod, wherever that comes back, and grows when its claim asks for more. */
export const volumesKeepAndGrow: Case = {
  name: 'a volume is there again for a pod that comes back, and grows with its claim',
  async run(stage) {
    await startWeb(stage, 1);
    const { kubectl, namespace } = stage;
    const inPod = (script: string) =>
      kubectl.run('exec', 'web-0', `--namespace=${namespace}`, '--', 'node', '-e', script);
    const starts = () =>
      inPod(`process.stdout.write(require('node:fs').readFileSync('/data/starts', 'utf8'))`);
    expect((await starts()) === 'web-0\n', 'the first start was not recorded');
    await kubectl.run('delete', 'pod', 'web-0', '--grace-period=0', '--force', `--namespace=${namespace}`);
    await startWeb(stage, 1);
    expect((await starts()) === 'web-0\nweb-0\n', `the volume is not that of before: ${await starts()}`);

    const patch = JSON.stringify({ spec: { resources: { requests: { storage: '200Mi' } } } });
    await kubectl.run('patch', 'pvc', 'data-web-0', `--namespace=${namespace}`, `--patch=${patch}`);
    const size = await eventually('a claim of 200Mi', GROWN_MS_MAX, () => grown(stage), 200);
    stage.note(`the claim has ${size}`);
  },
};

async function grown({ kubectl, namespace }: Stage): Promise<string | undefined> {
  const { status } = await kubectl.get<Claim>('pvc', 'data-web-0', `--namespace=${namespace}`);
  return status.capacity?.storage === '200Mi' ? status.capacity.storage : undefined;
}
