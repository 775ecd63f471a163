const NAME = /^\/clusters\/([a-z0-9.-]+)\/([a-z0-9.-]+)$/;
/** A cluster that comes later is shown, too. */
const ANEW_SECONDS = 10;

/** A page without scripts that leads to each cluster. @param paths `/clusters/NAMESPACE/NAME`, of Kubernetes' own names alone */
export function listPage(paths: readonly string[]): string {
  const lines = paths.flatMap((path) => {
    const [, namespace, name] = NAME.exec(path) ?? [];
    return name === undefined ? [] : [`<li><a href="${path}/">${namespace}/${name}</a></li>`];
  });
  const said =
    lines.length === 0
      ? '<p>This agent looks after no cluster now.</p>'
      : `<ul class="clusters">\n${lines.join('\n')}\n</ul>`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="refresh" content="${ANEW_SECONDS}">
<title>AEGIS</title>
<link rel="icon" href="/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/base.css">
<link rel="stylesheet" href="/style.css">
</head>
<body>
<header><h1>AEGIS</h1></header>
<main>
<h2>Clusters</h2>
${said}
</main>
</body>
</html>
`;
}
