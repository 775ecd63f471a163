import { type Case, expect } from '../case.js';
import { aegisIn } from '../../load/exec.js';
import { RESTRICTED_CONTAINER, RESTRICTED_POD } from '../web.js';
import { startOperator } from '../release/operator.js';
import { RunningCluster } from './running.js';

interface Secret {
  readonly data: Readonly<Record<string, string>>;
}

/** Mutual TLS: whom the network lets through still needs a certificate, and one of this very cluster. */
export const strangersAreRefused: Case = {
  name: 'a caller without a certificate, and one with that of another cluster, are refused',
  async run(stage) {
    const { kubectl, image, namespace, note } = stage;
    await startOperator(stage);
    const [mine, other] = await Promise.all([
      RunningCluster.create(stage, { replicas: 1 }, 'mine'),
      RunningCluster.create(stage, { replicas: 1 }, 'other'),
    ]);
    const secretOf = (name: string) => kubectl.get<Secret>('secret', `${name}-client`, mine.here);
    const [own, foreign] = [await secretOf(mine.name), await secretOf(other.name)];
    // It believes the cluster that it calls, so that only the cluster can refuse it.
    const data = { ...foreign.data, 'ca.crt': own.data['ca.crt'] };
    const stranger = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'stranger' }, data };
    await kubectl.apply([stranger, callers(image)], mine.here);
    await kubectl.run('wait', '--for=condition=Ready', 'pod/callers', mine.here, '--timeout=60s');
    const endpoints = `mine-client.${namespace}.svc:4410`;
    const put = ['kv', 'put', 'who', 'calls'];
    const { status, stderr } = await aegisIn(stage, namespace, 'callers', endpoints, put, '/own');
    expect(status === 0, `its own client is refused: ${stderr}`);
    const said = await aegisIn(stage, namespace, 'callers', endpoints, put, '/stranger');
    expect(said.status !== 0, "another cluster's certificate was accepted");
    note(`with another cluster's certificate: ${said.stderr.trim().split('\n')[0]}`);

    const bare = await kubectl.run(
      'exec',
      'callers',
      mine.here,
      '--',
      'node',
      '-e',
      withoutCertificate(endpoints),
    );
    note(`without a certificate: ${bare.trim()}`);
    expect(bare.startsWith('refused'), bare);
    await mine.untilCalm(30_000);
  },
};

/** With TLS 1.3 the refusal comes as an alert after the handshake; a server that lets in sends its settings. */
function withoutCertificate(endpoint: string): string {
  const [host, port] = endpoint.split(':');
  return `const socket = require('node:tls').connect({ host: '${host}', port: ${port}, servername: '${host}',
      ca: require('node:fs').readFileSync('/own/ca.crt'), ALPNProtocols: ['h2'] });
    const end = (said) => { console.log(said); process.exit(0); };
    socket.once('data', () => end('let in')).once('error', (error) => end('refused: ' + error.code)).once('close', () => end('refused: closed'));
    socket.setTimeout(5000, () => end('no answer'));`;
}

function callers(image: string): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'callers' },
    spec: {
      automountServiceAccountToken: false,
      terminationGracePeriodSeconds: 1,
      securityContext: RESTRICTED_POD,
      containers: [
        {
          name: 'callers',
          image,
          imagePullPolicy: 'IfNotPresent',
          command: [
            'node',
            '-e',
            'setInterval(() => {}, 1000); process.on("SIGTERM", () => process.exit(0))',
          ],
          securityContext: RESTRICTED_CONTAINER,
          volumeMounts: [
            { name: 'own', mountPath: '/own', readOnly: true },
            { name: 'stranger', mountPath: '/stranger', readOnly: true },
          ],
        },
      ],
      volumes: [
        { name: 'own', secret: { secretName: 'mine-client' } },
        { name: 'stranger', secret: { secretName: 'stranger' } },
      ],
    },
  };
}
