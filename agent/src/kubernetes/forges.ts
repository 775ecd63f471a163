import type { AegisCluster } from '@aegis/crds';
import { readFileSync } from 'node:fs';
import {
  appToken,
  GitHubForge,
  type Forge,
  type IssueState,
  type PostmortemPage,
  type ProposalPage,
  type Published,
  type RequestState,
} from '../forge/index.js';
import { branchOf } from '../forge/names.js';
import type { ForgeAccess } from './config.js';

const TOKEN = /^[\x21-\x7e]{1,512}$/;

/** The way to the forge that a cluster's settings come from, or to none. The reason why there is none is for people. */
export function forgeFor(
  { spec }: AegisCluster,
  access: ForgeAccess | undefined,
): { readonly forge: Forge; readonly why?: string } {
  const { configSource } = spec;
  const printed = (why: string) => ({ forge: new PrintedForge(), why });
  if (configSource === undefined) return printed('its spec has no configSource');
  if (access === undefined) return printed('the agent was given no forge');
  const { apiUrl, repository, branch, path } = configSource;
  // The token goes to the forge that it is for, wherever an AegisCluster points.
  if (apiUrl !== access.apiUrl)
    return printed(`it comes from ${apiUrl}, and the agent was given ${access.apiUrl}`);
  const allowed = access.repositories;
  if (allowed !== undefined && !allowed.some((each) => each.toLowerCase() === repository.toLowerCase()))
    return printed(`the agent was not given the repository ${repository}`);
  const { app } = access;
  const token = app === undefined ? tokenIn(access.tokenFile!) : appTokenIn(apiUrl, app);
  const options = { apiUrl, repository, base: branch, path, token, appLogin: app?.login };
  return { forge: new CheckedForge(new GitHubForge(options)) };
}

/** Read anew each time: a Secret that is changed changes the file. */
function tokenIn(file: string): () => Promise<string> {
  return () =>
    Promise.resolve().then(() => {
      const token = readFileSync(file, 'utf8').trim();
      if (!TOKEN.test(token)) throw new Error(`${file} holds no token: one line without blanks is wanted`);
      return token;
    });
}

function appTokenIn(apiUrl: string, app: NonNullable<ForgeAccess['app']>): () => Promise<string> {
  let token: (() => Promise<string>) | undefined;
  return async () => {
    const { id: appId, installationId, keyFile } = app;
    token ??= appToken({ apiUrl, appId, installationId, privateKey: readFileSync(keyFile, 'utf8') });
    return token();
  };
}

/** Asks whether its identity may propose, and only that, before anything else; until then nothing goes out. */
class CheckedForge implements Forge {
  private checked = false;

  constructor(private readonly forge: Forge) {}

  async check(): Promise<void> {
    if (this.checked) return;
    await this.forge.check();
    this.checked = true;
  }

  async publish(page: ProposalPage): Promise<Published> {
    await this.check();
    return this.forge.publish(page);
  }

  async stateOf(...about: Parameters<Forge['stateOf']>): Promise<RequestState | undefined> {
    await this.check();
    return this.forge.stateOf(...about);
  }

  async withdraw(...about: Parameters<Forge['withdraw']>): Promise<RequestState | undefined> {
    await this.check();
    return this.forge.withdraw(...about);
  }

  async postmortem(page: PostmortemPage): Promise<IssueState> {
    await this.check();
    return this.forge.postmortem(page);
  }
}

/** Where there is no forge: a recommendation stays in its resource, and people take the patch from there. */
class PrintedForge implements Forge {
  check(): Promise<void> {
    return Promise.resolve();
  }

  publish({ target, family }: ProposalPage): Promise<Published> {
    return Promise.resolve({ ...nowhere(branchOf(target, family)), did: 'opened' });
  }

  stateOf(...[target, family]: Parameters<Forge['stateOf']>): Promise<RequestState> {
    return Promise.resolve(nowhere(branchOf(target, family)));
  }

  withdraw(...about: Parameters<Forge['stateOf']>): Promise<RequestState> {
    return this.stateOf(...about);
  }

  postmortem(): Promise<IssueState> {
    return Promise.resolve({ number: undefined, url: '', did: 'nothing' });
  }
}

function nowhere(branch: string): RequestState {
  return { number: undefined, url: '', branch, state: 'Open', head: '', takenOver: false };
}
