import { expect, test } from '@jest/globals';
import { ClusterFolder, type ClusterState } from '../supervisor/cluster-folder.js';
import { nextSteps } from './up-ready.js';

const state = { members: [{ clientAddress: '127.0.0.1:4410' }] } as unknown as ClusterState;
const told = (program: string): string =>
  nextSteps(new ClusterFolder('/nowhere/.aegis'), state, { dashboard: undefined, chaos: undefined }, program);

test('the next commands are said as they can be typed: by npx out of a project, by name where the command is installed', () => {
  expect(told('/home/ada/aegis/node_modules/.bin/aegis')).toContain(
    '\n  npx aegis status --dir /nowhere/.aegis\n',
  );
  expect(told('/usr/local/bin/aegis')).toContain('\n  aegis status --dir /nowhere/.aegis\n');
});
