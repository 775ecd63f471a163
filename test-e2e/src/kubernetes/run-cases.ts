import { HostPressure, MissedBound } from './cases/bounds.js';
import type { Case, Stage } from './cases/case.js';
import type { Kubectl } from './kubectl.js';
import { type Progress, seconds } from './progress.js';

export interface Tally {
  readonly passed: number;
  readonly failed: number;
  /** Of those that failed, for the end of a long report. */
  readonly failures: readonly string[];
}

/** Labels by which a namespace takes restricted pods alone. */
const RESTRICTED = {
  'pod-security.kubernetes.io/enforce': 'restricted',
  'pod-security.kubernetes.io/enforce-version': 'latest',
};

const CONDITIONS =
  '{range .items[*]}{.metadata.name}{"\\n"}{range .status.conditions[*]}{.type} {.status} {.reason}: {.message}{"\\n"}{end}{end}';
const OPERATOR_LOGS = [
  '--namespace=aegis-system',
  '--selector=app.kubernetes.io/name=aegis-operator',
  '--tail=25',
];

/** In the full run each case kills the operator so often that no other would come to its end beside it. */
const FULL = process.env['AEGIS_E2E_FULL'] !== undefined;

/** More clusters at once than two small processors bear answer too late. */
const BESIDE_EACH_OTHER = 3;

/**
 * Runs one case after the other, those that mostly wait a few at a time, each in a namespace of its own, and prints each with its
 * time.
 */
export async function runCases(
  cases: readonly Case[],
  about: Omit<Stage, 'namespace' | 'note'>,
  progress: Progress,
): Promise<Tally> {
  const tally = { passed: 0, failed: 0, failures: [] as string[] };
  const numbered = cases.map((each, index) => ({ each, namespace: `aegis-e2e-${index + 1}` }));
  const runNext = async (group: typeof numbered): Promise<void> => {
    for (let next = group.shift(); next !== undefined; next = group.shift()) {
      const { each, namespace } = next;
      const passed = await runCase(each, { ...about, namespace }, progress, (why) =>
        tally.failures.push(`${each.name}: ${why}`),
      );
      if (passed === true) tally.passed++;
      if (passed === false) tally.failed++;
    }
  };
  while (numbered.length > 0) {
    const others = numbered.findIndex(({ each }) => each.waits !== true);
    const waiting = others === -1 ? numbered.length : others;
    const group = numbered.splice(0, Math.max(1, waiting));
    const lanes = FULL ? 1 : Math.min(BESIDE_EACH_OTHER, group.length);
    await Promise.all(Array.from({ length: lanes }, () => runNext(group)));
  }
  return tally;
}

/** Whether it passed; undefined if it does not apply here. */
async function runCase(
  each: Case,
  about: Omit<Stage, 'note'>,
  progress: Progress,
  failed: (why: string) => void,
): Promise<boolean | undefined> {
  const reason = each.skip?.({ ...about, note: () => {} });
  if (reason !== undefined) {
    progress.say(`skip ${each.name}: ${reason}`);
    return undefined;
  }
  const outcome = await tryCase(each, about, progress, failed, true);
  if (typeof outcome === 'boolean') return outcome;
  progress.say(`once more, because the machine has other work: ${outcome.busy}`);
  const { kubectl, namespace } = about;
  await kubectl.try(['wait', '--for=delete', `namespace/${namespace}`, '--timeout=100s']);
  const again = await tryCase(each, { ...about, namespace: `${namespace}-again` }, progress, failed, false);
  return again === true;
}

/** Whether it passed; or how busy the machine was, if it only missed a bound of time and `mayRepeat`. */
async function tryCase(
  each: Case,
  about: Omit<Stage, 'note'>,
  progress: Progress,
  failed: (why: string) => void,
  mayRepeat: boolean,
): Promise<boolean | { readonly busy: string }> {
  const { kubectl, namespace } = about;
  const notes: string[] = [];
  const stage: Stage = { ...about, note: (what) => notes.push(what) };
  const pressure = new HostPressure();
  const startMs = performance.now();
  const end = (how: string): void => {
    progress.say(`${how} ${each.name} (${seconds(performance.now() - startMs)})`);
    for (const note of notes) console.log(`             ${note}`);
  };
  try {
    const metadata = { name: namespace, labels: RESTRICTED };
    await kubectl.apply([{ apiVersion: 'v1', kind: 'Namespace', metadata }]);
    await each.run(stage);
    end('ok  ');
    return true;
  } catch (error) {
    const busy = mayRepeat && error instanceof MissedBound ? pressure.busy() : undefined;
    if (busy !== undefined) {
      end('late');
      console.log(indent((error as Error).message));
      return { busy };
    }
    failed(error instanceof Error ? error.message : String(error));
    const words = indent(await lastWords(kubectl, namespace));
    end('FAIL');
    console.log(indent(error instanceof Error ? (error.stack ?? error.message) : String(error)));
    console.log(words);
    return false;
  } finally {
    await kubectl.try(['delete', 'namespace', namespace, '--wait=false']);
  }
}

/** What is there, and what the pods that were started again said before. */
async function lastWords(kubectl: Kubectl, namespace: string): Promise<string> {
  const here = `--namespace=${namespace}`;
  const { stdout } = await kubectl.try(['get', 'pods,pvc', here, '--output=wide']);
  const events = await kubectl.try(['get', 'events', here, '--sort-by=.lastTimestamp']);
  const names = [...stdout.matchAll(/^pod\/(\S+)/gm)].map(([, name]) => name!);
  const said = await Promise.all(
    names.map(async (name) => {
      const log = await kubectl.try(['logs', name, here, '--previous', '--tail=10']);
      return log.status === 0 ? `--- ${name}, before\n${log.stdout}` : '';
    }),
  );
  const clusters = await kubectl.try(['get', 'aegisclusters', here, `--output=jsonpath=${CONDITIONS}`]);
  const operator = await kubectl.try(['logs', ...OPERATOR_LOGS]);
  const ended = await kubectl.try(['logs', ...OPERATOR_LOGS, '--previous']);
  return [
    stdout,
    clusters.stdout,
    operator.stdout,
    ended.stdout !== '' ? `--- the operator, before\n${ended.stdout}` : '',
    events.stdout.split('\n').slice(-20).join('\n'),
    ...said,
  ].join('\n');
}

function indent(text: string): string {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => `             ${line}`)
    .join('\n');
}
