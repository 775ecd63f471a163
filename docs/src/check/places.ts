import { posix } from 'node:path';
import type { Page } from '../read/markdown.js';

/** What of the repository a page may name. */
export interface Repository {
  /** Files and folders, from the root, with `/`. */
  readonly paths: ReadonlySet<string>;
  readonly pages: ReadonlyMap<string, Page>;
  /** Commands, as `make` and a target, of which the open ends say that they are not there yet: other pages may name them. */
  readonly toCome: ReadonlySet<string>;
}

/** What is wrong with a link: another place of this repository has to exist, with its anchor. Links elsewhere are not followed. */
export function wrongInLink(page: Page, link: string, { paths, pages }: Repository): string | undefined {
  if (/^[a-z]+:/.test(link)) return undefined;
  const [target = '', anchor] = link.split('#');
  const path =
    target === ''
      ? page.path
      : posix.normalize(posix.join(posix.dirname(page.path), target)).replace(/\/$/, '');
  if (!paths.has(path)) return `${link} leads to ${path}, which is not there`;
  const there = pages.get(path);
  if (anchor === undefined || there === undefined || there.anchors.has(anchor)) return undefined;
  return `${path} has no heading for #${anchor}`;
}

/**
 * What is wrong with a path between backticks. One counts that begins with a folder or file of the root, or ends as source does;
 * in place of the root it may begin at a folder that the repository has by that name. `<n>`, `*` and `NAME` fill in anything.
 */
export function wrongInPath(text: string, { paths }: Repository): string | undefined {
  const path = text.replace(/[/,.:]$/, '').replace(/:\d+$/, '');
  if (!/^[\w@.*<>{},-]+(?:\/[\w@.*<>{},-]+)+$/.test(path) || path.includes('dist/')) return undefined;
  const [first] = path.split('/');
  const known = [...paths].some((each) => each === first);
  if (!known && !/\.(?:ts|proto|md|txt|go)$/.test(path)) return undefined;
  const pattern = new RegExp(
    `(?:^|/)${path
      .split(/(\{[^}]*\}|<[^>]*>|\*+)/)
      .map(asPattern)
      .join('')}$`,
  );
  return [...paths].some((each) => pattern.test(each)) ? undefined : `${path} is not in the repository`;
}

function asPattern(part: string): string {
  if (part.startsWith('{')) return `(?:${part.slice(1, -1).split(',').map(escaped).join('|')})`;
  if (part.startsWith('<') || part.startsWith('*')) return '[^/]*';
  return escaped(part);
}

function escaped(text: string): string {
  return text.replaceAll(/[.+^$()|[\]\\]/g, String.raw`\$&`);
}
