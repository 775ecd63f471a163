import type { Identity } from '../model/identity.js';
import type { Answer, ApiPath, Method } from './api-types.js';
import { invalid } from './api-types.js';

/** One request as a route sees it. */
export interface Call {
  /** Of the path's template, decoded. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly body: Readonly<Record<string, unknown>>;
  /** Undefined: nobody said who they are. */
  readonly viewer: Identity | undefined;
  readonly url: URL;
}

export interface Route {
  readonly method: Method;
  readonly path: ApiPath;
  readonly pattern: RegExp;
  readonly handle: (
    call: Call,
  ) => Promise<{ status: number; body: unknown; headers?: Readonly<Record<string, string>> }>;
}

/** These may hold slashes when they end a path; an empty one is the root. */
const DEEP = new Set(['path', 'ref', 'branch']);

/** A route of GitHub's own table of paths; what it answers must have the published shape. */
export function route<Path extends ApiPath, M extends Method>(
  method: M,
  path: Path,
  handle: (call: Call) => Promise<Answer<Path, M>>,
): Route {
  return { method, path, pattern: patternOf(path), handle };
}

/** An answer whose status stays a literal for the compiler. */
export function reply<Status extends number, Body>(
  status: Status,
  body: Body,
  headers: Readonly<Record<string, string>> = {},
) {
  return { status, body, headers };
}

function patternOf(path: string): RegExp {
  const segments = path.split('/').slice(1);
  const parts = segments.map((segment, i) => {
    const name = /^\{(\w+)\}$/.exec(segment)?.[1];
    if (name === undefined) return `/${segment}`;
    // Octokit leaves the slash out in front of an empty path.
    if (name === 'path') return '(?:/(?<path>.*))?';
    return DEEP.has(name) && i === segments.length - 1 ? `/(?<${name}>.+)` : `/(?<${name}>[^/]+)`;
  });
  return new RegExp(`^${parts.join('')}$`);
}

export function findRoute(
  routes: readonly Route[],
  method: string,
  pathname: string,
): { readonly route: Route; readonly params: Record<string, string> } | undefined {
  for (const route of routes) {
    const match = route.method === method.toLowerCase() ? route.pattern.exec(pathname) : null;
    if (match === null) continue;
    const groups: Readonly<Record<string, string | undefined>> = match.groups ?? {};
    const params = Object.entries(groups).map(([name, value = '']) => [name, decodeURIComponent(value)]);
    return { route, params: Object.fromEntries(params) as Record<string, string> };
  }
  return undefined;
}

/** One page of a list, and the Link header to the others. */
export function page<Item>(call: Call, items: readonly Item[]) {
  const perPage = Math.min(100, Math.max(1, Number(call.query.get('per_page') ?? 30) || 30));
  const number = Math.max(1, Number(call.query.get('page') ?? 1) || 1);
  const links: string[] = [];
  const linkTo = (rel: string, target: number) => {
    const url = new URL(call.url);
    url.searchParams.set('page', String(target));
    links.push(`<${url.href}>; rel="${rel}"`);
  };
  if (number * perPage < items.length) {
    linkTo('next', number + 1);
    linkTo('last', Math.ceil(items.length / perPage));
  }
  if (number > 1) linkTo('prev', number - 1);
  const headers: Record<string, string> = links.length === 0 ? {} : { link: links.join(', ') };
  return { body: items.slice((number - 1) * perPage, number * perPage), headers };
}

export function textOf(call: Call, field: string): string {
  const value = call.body[field];
  if (typeof value !== 'string' || value === '') throw invalid('Request', field, `${field} must be a text`);
  return value;
}

export function optionalTextOf(call: Call, field: string): string | undefined {
  const value = call.body[field];
  return value === undefined || value === null ? undefined : textOf(call, field);
}

/** A text that may be empty. */
export function bodyTextOf(call: Call): string | null {
  const value = call.body['body'];
  return typeof value === 'string' ? value : null;
}
