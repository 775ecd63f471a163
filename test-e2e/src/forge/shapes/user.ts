import type { Schemas } from '../http/api-types.js';
import type { Identity, Role } from '../model/identity.js';
import { atLeast } from '../model/identity.js';

export function simpleUser(api: string, { id, login, type }: Identity): Schemas['simple-user'] {
  const url = `${api}/users/${encodeURIComponent(login)}`;
  return {
    login,
    id,
    node_id: nodeId('U', id),
    avatar_url: `${url}/avatar`,
    gravatar_id: '',
    url,
    html_url: `https://github.com/${login}`,
    followers_url: `${url}/followers`,
    following_url: `${url}/following{/other_user}`,
    gists_url: `${url}/gists{/gist_id}`,
    starred_url: `${url}/starred{/owner}{/repo}`,
    subscriptions_url: `${url}/subscriptions`,
    organizations_url: `${url}/orgs`,
    repos_url: `${url}/repos`,
    events_url: `${url}/events{/privacy}`,
    received_events_url: `${url}/received_events`,
    type,
    site_admin: false,
    user_view_type: 'public',
  };
}

export function publicUser(api: string, identity: Identity): Schemas['public-user'] {
  return {
    ...simpleUser(api, identity),
    name: identity.login,
    company: null,
    blog: null,
    location: null,
    email: null,
    hireable: null,
    bio: null,
    public_repos: 0,
    public_gists: 0,
    followers: 0,
    following: 0,
    created_at: '2020-01-01T00:00:00Z',
    updated_at: '2020-01-01T00:00:00Z',
  };
}

export function permissionsOf(role: Role) {
  return {
    admin: atLeast(role, 'admin'),
    maintain: atLeast(role, 'maintain'),
    push: atLeast(role, 'write'),
    triage: atLeast(role, 'triage'),
    pull: atLeast(role, 'read'),
  };
}

/** The older word for a role, in which `maintain` is `write` and `triage` is `read`. */
function permissionOf(role: Role): string {
  if (role === 'maintain') return 'write';
  return role === 'triage' ? 'read' : role;
}

export function collaboratorPermission(
  api: string,
  identity: Identity,
  role: Role,
): Schemas['repository-collaborator-permission'] {
  const user = { ...simpleUser(api, identity), role_name: role, permissions: permissionsOf(role) };
  return { permission: permissionOf(role), role_name: role, user };
}

export function association(role: Role): Schemas['author-association'] {
  if (role === 'admin') return 'OWNER';
  return atLeast(role, 'triage') ? 'COLLABORATOR' : 'NONE';
}

export function nodeId(kind: string, id: number | string): string {
  return Buffer.from(`${kind}:${id}`).toString('base64url');
}
