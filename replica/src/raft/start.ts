import { fail } from './assert.js';
import { settle, type Config } from './config.js';
import { Core } from './core.js';
import { restoreConfState } from './membership.js';
import { becomeFollower } from './roles.js';
import { NONE } from './types.js';

/** A core that continues from its storage, as follower without a leader. */
export function startCore(config: Config): Core {
  const core = new Core(settle(config));
  const { log, settings } = core;
  const { hardState, confState } = settings.storage.initialState();
  restoreConfState(core, confState);
  const { term, vote, commit } = hardState;
  if (term !== 0 || vote !== NONE || commit !== 0) {
    if (commit < log.committed || commit > log.lastIndex()) {
      fail(`the stored commit ${commit} is outside ${log.committed}..${log.lastIndex()}`);
    }
    log.committed = commit;
    core.term = term;
    core.vote = vote;
  }
  if (settings.applied > 0) log.appliedTo(settings.applied, 0);
  becomeFollower(core, core.term, NONE);
  core.logger.info?.(
    `${core.id} starts in term ${core.term}, commit ${log.committed}, applied ${log.applied}, ` +
      `last entry ${log.lastTerm()}/${log.lastIndex()}`,
  );
  return core;
}
