import type { Kubectl } from '../../kubectl.js';

/** What rights are about: a resource or a part of one, as `group/resource/part`, `/pods/log` for the core group. */
export interface ResourceName {
  readonly group: string;
  readonly resource: string;
  readonly subresource: string;
}

interface ResourceList {
  readonly resources: readonly { readonly name: string; readonly verbs: readonly string[] }[];
}

/** Parts of resources, and things that only rights know, which the API server's list leaves out. */
const UNLISTED: readonly ResourceName[] = [
  ...['proxy', 'stats', 'log', 'metrics', 'spec', 'configz', 'healthz', 'pods'].map((subresource) =>
    named('', 'nodes', subresource),
  ),
  ...['users', 'groups', 'uids'].map((resource) => named('', resource)),
  named('authentication.k8s.io', 'userextras'),
  named('certificates.k8s.io', 'signers'),
  named('scheduling.k8s.io', 'podgroups'),
];

/** Verbs of requests, and those that only rights know. */
export const VERBS = [
  ...['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection'],
  ...['impersonate', 'bind', 'escalate', 'approve', 'sign', 'attest', 'use', '*'],
] as const;

/** Paths that belong to no resource. */
export const PATHS = ['/metrics', '/logs', '/debug/pprof/', '/flagz', '/statusz', '/configz'] as const;

/** All that the API server says it has, and what it does not say. */
export async function resourceNames(kubectl: Kubectl): Promise<readonly ResourceName[]> {
  const groups = JSON.parse(await kubectl.run('get', '--raw', '/apis')) as {
    groups: { name: string; versions: { groupVersion: string }[] }[];
  };
  const paths = [
    ['', '/api/v1'],
    ...groups.groups.flatMap(({ name, versions }) =>
      versions.map(({ groupVersion }) => [name, `/apis/${groupVersion}`]),
    ),
  ] as const;
  const names = new Map<string, ResourceName>();
  for (const [group, path] of paths) {
    const { resources } = JSON.parse(await kubectl.run('get', '--raw', path)) as ResourceList;
    for (const { name } of resources) {
      const [resource, ...parts] = name.split('/');
      const each = named(group, resource!, parts.join('/'));
      names.set(textOf(each), each);
    }
  }
  for (const each of UNLISTED) names.set(textOf(each), each);
  return [...names.values(), named('*', '*')];
}

export function textOf({ group, resource, subresource }: ResourceName): string {
  return `${group}/${resource}${subresource === '' ? '' : `/${subresource}`}`;
}

function named(group: string, resource: string, subresource = ''): ResourceName {
  return { group, resource, subresource };
}
