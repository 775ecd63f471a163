/**
 * Tests run as compiled: `npm run build` first. Each sits beside the code that it checks. `timed` is what measures times of real
 * processes, or depends on them, and has to have the machine for itself: `make test-timed`. `whole-way` takes most of an hour: `make whole-way`.
 */
const workspaces = [
  'replica',
  'client',
  'crds',
  'monitoring',
  'charts',
  'operator',
  'agent',
  'sim',
  'bench',
  'docs',
  'test-e2e',
];
const NOT_THERE = ['/node_modules/', '/test-e2e/dist/timed/', '/test-e2e/dist/whole-way/'];

export default {
  projects: [
    ...workspaces.map((workspace) =>
      project(workspace, `${workspace}/dist`, { testPathIgnorePatterns: NOT_THERE }),
    ),
    project('timed', 'test-e2e/dist/timed'),
    project('whole-way', 'test-e2e/dist/whole-way'),
  ],
  testTimeout: 20_000,
};

function project(displayName, folder, more = {}) {
  return {
    displayName,
    rootDir: `<rootDir>/${folder}`,
    testMatch: ['<rootDir>/**/*.test.js'],
    testEnvironment: 'node',
    transform: {},
    setupFiles: [new URL('jest.properties.mjs', import.meta.url).pathname],
    ...more,
  };
}
