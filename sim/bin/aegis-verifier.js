#!/usr/bin/env node
// Stands apart from the built code so that npm can link it before the first build.
const [major] = process.versions.node.split('.').map(Number);
if (major < 22) {
  process.stderr.write(
    `aegis-verifier needs Node 22 or later, and this is ${process.version}. Start it with npx from the project's folder.\n`,
  );
  process.exit(64);
}
await import('../dist/verify/main.js').catch((error) => {
  if (error?.code !== 'ERR_MODULE_NOT_FOUND' || !String(error.message).includes('dist/verify/main.js'))
    throw error;
  process.stderr.write('aegis-verifier is not built yet: run `make build` first.\n');
  process.exit(64);
});
