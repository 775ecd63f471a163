import { createPrivateKey, sign } from 'node:crypto';
import { Requests, type Surroundings } from './requests.js';

/** A GitHub App that is installed where the settings are. */
export interface AppIdentity {
  readonly apiUrl: string;
  readonly appId: string;
  readonly installationId: number;
  /** PEM, as GitHub hands it out. */
  readonly privateKey: string;
}

/** GitHub takes ten minutes at most; a minute less, and a minute back for clocks that differ. */
const JWT_SECONDS = { before: 60, after: 540 };
/** A token is asked for anew so long before it ends. */
const SPARE_MS = 5 * 60_000;

/** What an installation shows as its token: asked for with a signed statement of the App, and kept until shortly before it ends. */
export function appToken(
  identity: AppIdentity,
  surroundings: Partial<Surroundings> = {},
): () => Promise<string> {
  const now = surroundings.now ?? Date.now;
  const key = createPrivateKey(identity.privateKey);
  const requests = new Requests(identity.apiUrl, async () => jwt(identity.appId, key, now()), surroundings);
  let kept: { readonly token: string; readonly endsAt: number } | undefined;
  return async () => {
    if (kept !== undefined && now() < kept.endsAt - SPARE_MS) return kept.token;
    const { answer } = await requests.send('POST /app/installations/{installation_id}/access_tokens', {
      installation_id: identity.installationId,
    });
    const endsAt = Date.parse(answer.field('expires_at').text(/^\d{4}-\d\d-\d\dT/));
    kept = { token: answer.field('token').text(/^\S{1,512}$/), endsAt };
    return kept.token;
  };
}

function jwt(appId: string, key: ReturnType<typeof createPrivateKey>, now: number): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const seconds = Math.floor(now / 1000);
  const claims = { iat: seconds - JWT_SECONDS.before, exp: seconds + JWT_SECONDS.after, iss: appId };
  const text = `${part({ alg: 'RS256', typ: 'JWT' })}.${part(claims)}`;
  return `${text}.${sign('sha256', Buffer.from(text), key).toString('base64url')}`;
}
