/** Imported first: a clear word instead of a syntax error or a missing function further down. */
const REQUIRED = 24;

if (Number.parseInt(process.versions.node, 10) < REQUIRED) {
  process.stderr.write(
    `aegis needs Node ${REQUIRED}, this is ${process.versions.node}. The repository brings its own: run it as npx aegis\n`,
  );
  process.exit(1);
}
