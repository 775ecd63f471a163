import { COMMON_FILES } from '@aegis/client/pages';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

/** A file of the page, as it is sent. */
export interface Asset {
  readonly bytes: Buffer;
  readonly type: string;
}

const PAGE = new URL('../page/', import.meta.url);
/** What is written by hand and not compiled. */
const STATIC = new URL('../../../dashboard/', import.meta.url);
const TYPES = { html: 'text/html', css: 'text/css', svg: 'image/svg+xml', js: 'text/javascript' } as const;

/** All files of the page by their paths, read once: no request reaches the disk. Throws where the page is not built. */
export function readAssets(): ReadonlyMap<string, Asset> {
  const [scripts, others] = [filesIn(PAGE.pathname), filesIn(STATIC.pathname)];
  const assets = new Map<string, Asset>();
  for (const [path, bytes] of scripts)
    if (path.endsWith('.js')) assets.set(`/page/${path}`, asset(path, bytes));
  for (const [path, file] of Object.entries(COMMON_FILES))
    assets.set(`/${path}`, asset(path, readFileSync(file)));
  for (const [path, bytes] of others)
    assets.set(path === 'index.html' ? '/' : `/${path}`, asset(path, bytes));
  if (!assets.has('/') || !assets.has('/page/main.js'))
    throw new Error('the page of the dashboard is not built');
  return assets;
}

function filesIn(folder: string): [string, Buffer][] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return [relative(folder, path).split(sep).join('/'), readFileSync(path)];
    });
}

function asset(path: string, bytes: Buffer): Asset {
  const ending = path.slice(path.lastIndexOf('.') + 1);
  const type = Object.hasOwn(TYPES, ending)
    ? TYPES[ending as keyof typeof TYPES]
    : 'application/octet-stream';
  return { bytes, type: `${type}; charset=utf-8` };
}
