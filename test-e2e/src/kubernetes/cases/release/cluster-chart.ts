import { chart } from '../../helm.js';
import { type Case, expect } from '../case.js';
import { READY_MS_MAX, RunningCluster } from '../clusters/running.js';
import { OPERATOR, startOperator } from './operator.js';

export const clusterChartTests: Case = {
  name: "the chart of a cluster: its helm test writes and reads with the client's certificate, the operator's finds it elected",
  async run(stage) {
    const { helm, namespace, image, note } = stage;
    await startOperator(stage);
    const spec = {
      replicas: 1,
      storage: { size: '1Gi' },
      resources: { requests: { cpu: '50m', memory: '128Mi' } },
    };
    await helm.install('orders', namespace, chart('aegis-cluster'), { spec, test: { image } });
    await new RunningCluster(stage, 'orders').untilCalm(READY_MS_MAX);
    const said = await helm.test('orders', namespace);
    expect(/Phase:\s+Succeeded/.test(said), said);
    note(lineWith(said, 'a key was'));
    const ofOperator = await helm.test(OPERATOR.release, OPERATOR.namespace);
    expect(/Phase:\s+Succeeded/.test(ofOperator), ofOperator);
    note(`the operator's: ${lineWith(ofOperator, '200')}`);
    await helm.uninstall('orders', namespace);
  },
};

function lineWith(text: string, words: string): string {
  return text.split('\n').find((line) => line.includes(words)) ?? `nothing with '${words}'`;
}
