import type { Span } from './certificates/index.js';
import { electionTiming, LeaderElection } from './election/leader-election.js';
import { KubeClient } from './kube/client.js';
import type { ObjectRef } from './kube/object.js';
import { configuredServer } from './kube/server.js';
import { NetworkMembers } from './observe/network-members.js';
import { log, textOf } from './process/log.js';
import { Metrics } from './process/metrics.js';
import { makeQueue, runOperator } from './process/operator.js';
import { parseOptions, USAGE, UsageError, type OperatorOptions } from './process/options.js';
import { telemetry } from './process/telemetry.js';

const EXIT = { ok: 0, failed: 1, usage: 64 } as const;
/** How long giving up the lease may take. */
const STOP_MS_MAX = 5_000;

async function main(): Promise<number> {
  const options = parseOptions(process.argv.slice(2), process.env);
  if (options === 'help') {
    process.stdout.write(USAGE);
    return EXIT.ok;
  }
  return run(options);
}

async function run(options: OperatorOptions): Promise<number> {
  const queue = makeQueue();
  const metrics = new Metrics(() => queue.length);
  const client = new KubeClient(await configuredServer(), {
    onRequest: (verb, code) => metrics.apiRequests.inc({ verb, code }),
  });
  let unready: string | undefined;
  const port = telemetry({ metrics: () => metrics.registry.metrics(), ready: () => unready });
  await port.start(options.listen);
  log('info', 'serving metrics', { port: port.port });
  const stopped = stopSignal();
  const election = new LeaderElection(client, {
    lease: { namespace: options.namespace, name: options.election },
    identity: options.identity,
    timing: electionTiming(options.leaseSeconds),
    onProblem: (error) => log('warn', 'the election lease cannot be had or kept', { error: textOf(error) }),
  });
  const members = new NetworkMembers();
  log('info', 'waiting to be elected', {
    identity: options.identity,
    lease: `${options.namespace}/${options.election}`,
  });
  await election.run(stopped, async (leading) => {
    metrics.leading.set(1);
    unready = 'elected, and still reading what there is';
    // Whoever may not be the only one any more must not even finish what it has begun.
    leading.addEventListener('abort', () => {
      if (stopped.aborted) return;
      log('error', 'the leadership is lost', { why: textOf(leading.reason) });
      process.exit(EXIT.failed);
    });
    const parts = {
      client,
      members,
      options,
      queue,
      onReconcile: (seconds: number, error: unknown) => {
        metrics.reconcileSeconds.observe(seconds);
        if (error !== undefined) metrics.reconcileErrors.inc();
      },
      onStep: (kind: string) => metrics.steps.inc({ kind }),
      onCertificates: ({ namespace = '', name }: ObjectRef, ending: Span | undefined) =>
        metrics.certificates({ namespace, cluster: name }, ending),
      onSynced: () => (unready = undefined),
    };
    await runOperator(parts, leading);
  });
  members.close();
  await port.stop();
  return EXIT.ok;
}

/** Aborts at the first SIGTERM or SIGINT; a stop that takes too long is cut short. */
function stopSignal(): AbortSignal {
  const stop = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      log('info', 'stopping', { signal });
      setTimeout(() => process.exit(EXIT.ok), STOP_MS_MAX).unref();
      stop.abort(new Error(signal));
    });
  }
  return stop.signal;
}

main().then(
  (status) => process.exit(status),
  (error: unknown) => {
    const usage = error instanceof UsageError;
    process.stderr.write(`aegis-operator: ${error instanceof Error ? error.message : String(error)}\n`);
    if (!usage && error instanceof Error) process.stderr.write(`${error.stack}\n`);
    process.exit(usage ? EXIT.usage : EXIT.failed);
  },
);
