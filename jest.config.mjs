/** Tests run as compiled: `npm run build` first. Each sits beside the code that it checks. */
export default {
  projects: ['replica', 'client', 'crds', 'charts', 'operator', 'sim', 'test-e2e'].map((workspace) => ({
    displayName: workspace,
    rootDir: `<rootDir>/${workspace}`,
    testMatch: ['<rootDir>/dist/**/*.test.js'],
    testEnvironment: 'node',
    setupFiles: ['<rootDir>/../jest.properties.mjs'],
    transform: {},
  })),
  testTimeout: 20_000,
};
