/** One small way to break our core: in a compiled file of it, `find`, which must be there exactly once, is replaced. */
export interface Mutant {
  name: string;
  file: string;
  find: string;
  replace: string;
}

/** Each must be seen by the oracle: `make oracle-mutants`. */
export const mutants: readonly Mutant[] = [
  {
    name: 'the in-flight window takes one message more',
    file: 'tracker/inflights.js',
    find: 'this.used === this.size',
    replace: 'this.used > this.size',
  },
  {
    name: 'the in-flight window is full a byte late',
    file: 'tracker/inflights.js',
    find: 'this.bytes >= this.maxBytes',
    replace: 'this.bytes > this.maxBytes',
  },
  {
    name: 'a vote is granted to a shorter log of the same term',
    file: 'log.js',
    find: 'lastTerm === ours && lastIndex >= this.lastIndex()',
    replace: 'lastTerm === ours',
  },
  {
    name: 'an entry of an older term is committed by counting',
    file: 'log.js',
    find: 'index <= this.committed || !this.matches(index, term)',
    replace: 'index <= this.committed',
  },
  {
    name: 'the probe after a refusal starts one too far',
    file: 'tracker/progress.js',
    find: 'Math.min(rejected, hint + 1)',
    replace: 'Math.min(rejected, hint + 2)',
  },
  {
    name: 'a joint configuration is not left automatically',
    file: 'applied.js',
    find: '!core.tracker.config.autoLeave',
    replace: 'true',
  },
  {
    name: 'a read is answered before the first commit of the term',
    file: 'read-index.js',
    find: 'else if (!committedInOwnTerm(core))',
    replace: 'else if (false)',
  },
  {
    name: 'the vote is forgotten with every change of role',
    file: 'roles.js',
    find: 'if (core.term !== term) {',
    replace: 'if (true) {',
  },
  {
    name: 'a vote request is heard while the leader is alive',
    file: 'election.js',
    find: 'core.electionElapsed < core.settings.electionTick',
    replace: 'false',
  },
  {
    name: 'a stale snapshot is taken',
    file: 'follower-log.js',
    find: 'if (core.log.matches(index, term)) {',
    replace: 'if (false) {',
  },
  {
    name: 'the answer to a write of an earlier term counts',
    file: 'storage-messages.js',
    find: 'term: core.term,',
    replace: 'term: 0,',
  },
  {
    name: 'a heartbeat tells the whole commit index',
    file: 'replication.js',
    find: 'Math.min(progress.match, core.log.committed)',
    replace: 'core.log.committed',
  },
  {
    name: 'a failed snapshot is probed from as if it had arrived',
    file: 'leader.js',
    find: 'progress.pendingSnapshot = 0;',
    replace: ';',
  },
  {
    name: 'two membership changes may be pending',
    file: 'leader-proposals.js',
    find: 'core.pendingConfIndex > core.log.applied',
    replace: 'core.pendingConfIndex > core.log.committed',
  },
  {
    name: 'the new half alone decides the votes of a joint configuration',
    file: 'quorum/joint.js',
    find: 'incoming === outgoing ? incoming : VoteResult.Pending',
    replace: 'incoming',
  },
];
