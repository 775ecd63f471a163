import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApiServer } from './http/server.js';
import { Identities } from './model/identity.js';
import { Repositories } from './model/repositories.js';
import { commitRoutes } from './routes/commits.js';
import { contentRoutes } from './routes/contents.js';
import { Context } from './routes/context.js';
import { gitRoutes } from './routes/git.js';
import { issueRoutes } from './routes/issues.js';
import { pullRoutes } from './routes/pulls.js';
import { repositoryRoutes } from './routes/repositories.js';
import { reviewRoutes } from './routes/reviews.js';
import { ruleRoutes } from './routes/rules.js';
import { userRoutes } from './routes/users.js';

export type { Fault } from './http/faults.js';
export type { Seen } from './http/server.js';
export type { Identity, Role } from './model/identity.js';
export type { Pull } from './model/pull.js';
export type { Files, Repository } from './model/repository.js';

/**
 * A GitHub for tests: its REST API on a port of this machine, real bare git repositories underneath, merges by git. Every
 * answer is typed by GitHub's published OpenAPI description. What a test does as somebody goes over the API with that
 * somebody's token; what happens behind the API's back (git pushes, renames) goes through `repositories`.
 */
export interface Forge {
  readonly url: string;
  readonly identities: Identities;
  readonly repositories: Repositories;
  readonly server: ApiServer;
  close(): Promise<void>;
}

/** @param host where it listens: an address that whoever is to reach it can reach */
export async function startForge(host = '127.0.0.1'): Promise<Forge> {
  const folder = await mkdtemp(join(tmpdir(), 'aegis-forge-'));
  const identities = new Identities();
  const repositories = new Repositories(folder);
  const server = await ApiServer.start(
    (url) => routesOf(new Context(url, identities, repositories)),
    (token) => identities.withToken(token),
    host,
  );
  const close = async () => {
    await server.close();
    await rm(folder, { recursive: true, force: true });
  };
  return { url: server.url, identities, repositories, server, close };
}

/** The first that fits takes a request: longer paths stand before those that would swallow them. */
function routesOf(context: Context) {
  return [
    ...userRoutes(context),
    ...repositoryRoutes(context),
    ...gitRoutes(context),
    ...commitRoutes(context),
    ...contentRoutes(context),
    ...reviewRoutes(context),
    ...pullRoutes(context),
    ...ruleRoutes(context),
    ...issueRoutes(context),
  ];
}
