import { ApiError, notFound } from '../http/api-types.js';
import type { Call } from '../http/router.js';
import { atLeast, type Identities, type Identity, type Role } from '../model/identity.js';
import type { Pull } from '../model/pull.js';
import type { Repositories } from '../model/repositories.js';
import type { Repository } from '../model/repository.js';

/** What all routes share. */
export class Context {
  constructor(
    /** The API's own address, for the links in its answers. */
    readonly api: string,
    readonly identities: Identities,
    readonly repositories: Repositories,
  ) {}

  /** The repository of a path. One that may not be seen does not exist; one that was renamed leads on. */
  repository(call: Call, wanted: Role = 'read'): Repository {
    const { owner = '', repo = '' } = call.params;
    const repository = this.repositories.find(`${owner}/${repo}`);
    if (repository === undefined) throw notFound();
    if (repository.movedTo !== undefined) {
      const location = `${this.api}/repositories/${repository.id}`;
      throw new ApiError(301, 'Moved Permanently', undefined, { location });
    }
    const role = repository.roleOf(call.viewer);
    if (!atLeast(role, 'read')) throw notFound();
    if (!atLeast(role, wanted)) throw new ApiError(403, 'Resource not accessible by this identity');
    return repository;
  }

  viewer(call: Call): Identity {
    if (call.viewer === undefined) throw new ApiError(401, 'Requires authentication');
    return call.viewer;
  }

  async pull(call: Call, repository: Repository): Promise<Pull> {
    const pull = repository.pulls.get(Number(call.params['pull_number']));
    if (pull === undefined) throw notFound();
    await repository.refresh(pull);
    return pull;
  }

  /** The commit that a request names, or GitHub's answer to one that is not there. */
  async commit(repository: Repository, revision: string, status: 404 | 422 = 404): Promise<string> {
    const sha = (await repository.git.head(revision)) ?? (await repository.git.resolve(revision));
    if (sha === undefined) {
      throw status === 404 ? notFound() : new ApiError(422, `No commit found for SHA: ${revision}`);
    }
    return sha;
  }
}
