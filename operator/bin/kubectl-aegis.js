#!/usr/bin/env node
// kubectl finds it on the PATH by its name. Stands apart from the built code so that npm can link it before the first build.
const [major] = process.versions.node.split('.').map(Number);
if (major < 22) {
  process.stderr.write(`kubectl aegis needs Node 22 or later, and this is ${process.version}.\n`);
  process.exit(64);
}
const { run } = await import('../dist/plugin/main.js').catch((error) => {
  if (error?.code !== 'ERR_MODULE_NOT_FOUND' || !String(error.message).includes('dist/plugin/main.js'))
    throw error;
  process.stderr.write('kubectl-aegis is not built yet: run `make build` first.\n');
  process.exit(64);
});
process.exit(await run(process.argv.slice(2)));
