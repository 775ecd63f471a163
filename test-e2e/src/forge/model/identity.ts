import type { Signature } from '../git/repository.js';

/** Somebody: a person, a machine account (a User to GitHub), or an App's bot. */
export interface Identity {
  readonly id: number;
  readonly login: string;
  readonly type: 'User' | 'Bot';
  readonly token: string;
  /** Of a bot. */
  readonly app?: { readonly id: number; readonly slug: string };
}

export const ROLES = ['none', 'read', 'triage', 'write', 'maintain', 'admin'] as const;
export type Role = (typeof ROLES)[number];

export function atLeast(role: Role, wanted: Role): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(wanted);
}

/** Who has which token and which name. */
export class Identities {
  private readonly byLogin = new Map<string, Identity>();
  private lastId = 1000;

  user(login: string): Identity {
    return this.add({ id: ++this.lastId, login, type: 'User', token: `ghp_${login}` });
  }

  /** An App that is installed; its token is an installation's. */
  app(slug: string): Identity {
    const id = ++this.lastId;
    return this.add({
      id,
      login: `${slug}[bot]`,
      type: 'Bot',
      token: `ghs_${slug}`,
      app: { id: id + 100_000, slug },
    });
  }

  withToken(token: string): Identity | undefined {
    return [...this.byLogin.values()].find((identity) => identity.token === token);
  }

  withLogin(login: string): Identity | undefined {
    return this.byLogin.get(login.toLowerCase());
  }

  /** Whose address a commit carries. */
  withEmail(email: string): Identity | undefined {
    return [...this.byLogin.values()].find((identity) => emailOf(identity) === email);
  }

  private add(identity: Identity): Identity {
    this.byLogin.set(identity.login.toLowerCase(), identity);
    return identity;
  }
}

export function signatureOf(identity: Identity, date: string): Signature {
  return { name: identity.login, email: emailOf(identity), date };
}

function emailOf({ id, login }: Identity): string {
  return `${id}+${login}@users.noreply.github.com`;
}
