import { join } from 'node:path';
import { BareRepository } from '../git/repository.js';
import { SteppingClock } from './clock.js';
import type { Identity } from './identity.js';
import { Repository } from './repository.js';

/** All repositories of the forge, by owner and name as GitHub takes them: case does not count. */
export class Repositories {
  private readonly byName = new Map<string, Repository>();
  private readonly clock = new SteppingClock();
  private lastId = 5000;

  constructor(private readonly folder: string) {}

  async create(
    owner: Identity,
    name: string,
    options: { private?: boolean; defaultBranch?: string; forkOf?: Repository } = {},
  ) {
    const { private: isPrivate = false, defaultBranch = 'main', forkOf } = options;
    const id = ++this.lastId;
    const git = await BareRepository.create(join(this.folder, `${id}.git`), defaultBranch);
    const repository = new Repository(id, owner, name, defaultBranch, git, this.clock, isPrivate, forkOf);
    for (const { name: branch, sha } of (await forkOf?.git.branches()) ?? []) {
      await git.fetch(forkOf!.git, sha, `refs/heads/${branch}`);
    }
    this.byName.set(repository.fullName.toLowerCase(), repository);
    return repository;
  }

  find(fullName: string): Repository | undefined {
    return this.byName.get(fullName.toLowerCase());
  }

  withId(id: number): Repository | undefined {
    return this.all().find((repository) => repository.id === id);
  }

  all(): Repository[] {
    return [...this.byName.values()];
  }
}
