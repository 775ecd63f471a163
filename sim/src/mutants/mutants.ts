import { MEMBERSHIP_MUTANTS } from './membership.js';
import type { Mutant } from './mutant.js';

/** Each must be caught: `make sim-mutants`. Nothing of them is in the product. */
export const MUTANTS: readonly Mutant[] = [
  {
    name: 'older-term-by-counting',
    claim: 'only an entry of the own term is committed by counting (§5.4.2)',
    edits: [
      {
        file: 'raft/log.js',
        find: 'term === 0 || index <= this.committed || !this.matches(index, term)',
        put: 'term === 0 || index <= this.committed',
      },
    ],
  },
  {
    name: 'commit-without-quorum',
    claim: 'an entry is committed once a majority has it',
    edits: [
      {
        file: 'raft/quorum/majority.js',
        find: 'return sorted[n - majority(n)];',
        put: 'return sorted[Math.min(n - 1, n - majority(n) + 1)];',
      },
    ],
  },
  {
    name: 'vote-forgotten',
    claim: 'a vote survives a restart',
    edits: [{ file: 'raft/start.js', find: 'core.vote = vote;', put: 'core.vote = NONE;' }],
  },
  {
    name: 'vote-not-written',
    claim: 'a vote is on disk before it is answered',
    edits: [
      {
        file: 'server/driver/log-writer.js',
        find: 'hardState.term === this.#term && hardState.vote === this.#vote',
        put: 'hardState.term === this.#term',
      },
    ],
  },
  {
    name: 'two-votes',
    claim: 'one vote a term',
    edits: [{ file: 'raft/election.js', find: 'core.vote === m.from ||', put: 'true ||' }],
  },
  {
    name: 'vote-for-shorter-log',
    claim: 'a vote goes only to a log that holds all that is committed (§5.4.1)',
    edits: [
      {
        file: 'raft/log.js',
        find: '(lastTerm === ours && lastIndex >= this.lastIndex())',
        put: 'lastTerm === ours',
      },
    ],
  },
  {
    name: 'no-pre-vote',
    claim: 'a member that cannot reach a quorum does not raise its term',
    edits: [{ file: 'server/consensus.js', find: 'preVote: true', put: 'preVote: false' }],
  },
  {
    name: 'answer-before-sync',
    claim: 'what is acknowledged is on disk',
    edits: [
      {
        file: 'server/driver/log-writer.js',
        find: 'this.#write = { batches, written: 0, settled, responses, snapshot, began: this.#partBegan };',
        put: `this.#done({ responses, elapsedMs: undefined, snapshot });
        this.#write = { batches, written: 0, settled, responses: [], snapshot: undefined, began: this.#partBegan };`,
      },
    ],
  },
  {
    name: 'stale-snapshot',
    claim: 'a snapshot never leads back',
    edits: [
      {
        file: 'server/snapshot/receiver.js',
        find: 'if (offer.index <= this.#parts.raft.basicStatus().commit) {',
        put: 'if (offer.index <= 0) {',
      },
      {
        file: 'raft/follower-log.js',
        find: 'if (index <= core.log.committed)\n        return false;',
        put: '',
      },
      // Without this one an old snapshot does no harm as long as the log still holds the entry at which it ends.
      { file: 'raft/follower-log.js', find: 'if (core.log.matches(index, term)) {', put: 'if (false) {' },
    ],
  },
  {
    name: 'damage-cut-away',
    claim: 'damage before a proven batch refuses the start',
    edits: [
      {
        file: 'log/recovery.js',
        find: 'await this.#refuseIfDamaged(position, content, end);',
        put: '',
      },
    ],
  },
  {
    name: 'compacts-unsynced',
    claim: 'the log keeps what the state does not hold durably',
    edits: [
      {
        file: 'server/driver/compactor.js',
        find: 'Math.min(durableIndex, appliedIndex - retentionEntries, this.#neededAfter())',
        put: 'Math.min(appliedIndex - Math.min(retentionEntries, 5), this.#neededAfter())',
      },
    ],
  },
  {
    name: 'applied-index-outside-the-batch',
    claim: 'rows and applied index reach the storage together',
    edits: [
      {
        file: 'state/write-back.js',
        find: 'await this.storage.write([...all, meta], { sync });',
        put: 'await this.storage.write([meta], { sync }); await this.storage.write(all, { sync });',
      },
    ],
  },
  {
    name: 'stale-read',
    claim: 'a read asks a quorum',
    edits: [
      {
        file: 'server/driver/reads.js',
        find: '        this.#joining.push({ done, deadline: this.#environment.monotonicMs() + this.#timeoutMs });\n',
        put: '        done(undefined);\n',
      },
    ],
  },
  {
    name: 'read-joins-a-round-under-way',
    claim: 'a read never joins a round whose heartbeats have left',
    edits: [
      {
        file: 'server/driver/reads.js',
        find: '        this.#joining.push({ done, deadline: this.#environment.monotonicMs() + this.#timeoutMs });\n',
        put: '        (this.#round?.readers ?? this.#joining).push({ done, deadline: this.#environment.monotonicMs() + this.#timeoutMs });\n',
      },
    ],
  },
  {
    name: 'retry-twice',
    claim: 'a sequenced command takes effect at most once',
    edits: [
      {
        file: 'state/session/at-most-once.js',
        find: '    if (known !== undefined)\n        return { answer: known.result };\n',
        put: '',
      },
    ],
  },
  {
    name: 'de-duplicates-before-proposing',
    claim: 'retries are recognised inside the state, where every leader sees them',
    edits: [
      {
        file: 'state/session/at-most-once.js',
        find: '    if (known !== undefined)\n        return { answer: known.result };\n',
        put: '',
      },
      {
        file: 'server/driver/proposals.js',
        find: '        this.#pending.push({ command, settle, bytes: commandBytes(command), deadline, leaderOnly });',
        put: `        const { call } = command;
        if (call !== undefined) {
            const seen = (this.seen ??= new Map());
            const key = [call.lease, call.grantIndex, call.sequence].join();
            const earlier = seen.get(key);
            if (earlier?.result !== undefined) return settle(earlier.result, undefined);
            const entry = {};
            seen.set(key, entry);
            const answer = settle;
            settle = (result, failed) => { entry.result = result; answer(result, failed); };
        }
        this.#pending.push({ command, settle, bytes: commandBytes(command), deadline, leaderOnly });`,
      },
    ],
  },
  {
    name: 'proposes-again-too-early',
    claim: 'a batch goes out again only when it is certain never to be committed',
    edits: [
      {
        file: 'server/driver/proposals.js',
        find: 'if (batch.term >= term)\n                return;',
        put: 'if (batch.term > term)\n                return;',
      },
    ],
  },
  {
    name: 'local-value-in-apply',
    claim: 'apply uses nothing that differs from replica to replica',
    edits: [
      {
        file: 'state/expiry/commands.js',
        find: 'state.expiredUpToMs = Math.max(state.expiredUpToMs, upToMs);',
        put: 'state.expiredUpToMs = Math.max(state.expiredUpToMs, upToMs); limit = 1 + (state.rows.bytes % 2);',
      },
    ],
  },
  {
    name: 'wall-clock-leases',
    claim: 'clocks in absolute terms have no part in lease time',
    edits: [
      {
        file: 'state/clock.js',
        find: 'this.nowMs += Math.min(Math.max(stampMs - this.stampMs, 0), STEP_MS);',
        put: 'this.nowMs += 0;\n        if (this.stampTerm !== 0) this.nowMs += Math.max(stampMs - this.stampMs, 0);',
      },
    ],
  },
  {
    name: 'outage-counts',
    claim: 'the time between leaders is credited to the holders',
    edits: [
      { file: 'state/clock.js', find: 'if (term === this.stampTerm)', put: 'if (this.stampTerm !== 0)' },
    ],
  },
  {
    name: 'ttl-anew-at-a-new-leader',
    claim: 'a change of leader does not prolong leases',
    edits: [
      {
        file: 'state/envelope/execute.js',
        find: 'state.clock.stamp(term, batch.stampMs);',
        put: `if (term !== state.clock.stampTerm)
        for (const lease of state.leases.values()) lease.deadline.atMs = state.clock.nowMs + lease.ttlMs;
    state.clock.stamp(term, batch.stampMs);`,
      },
    ],
  },
  {
    name: 'expires-early',
    claim: 'a lease lives until its deadline',
    edits: [
      {
        file: 'state/expiry/commands.js',
        find: 'state.deadlines.takeDue(upToMs)',
        put: 'state.deadlines.takeDue(upToMs + 300)',
      },
    ],
  },
  {
    name: 'half-a-renewal',
    claim: 'a keepalive renews the whole TTL',
    edits: [
      {
        file: 'state/lease/commands.js',
        find: 'const deadlineMs = state.clock.nowMs + lease.ttlMs;',
        put: 'const deadlineMs = state.clock.nowMs + lease.ttlMs / 2;',
      },
    ],
  },
  {
    name: 'no-lease-check-on-grant',
    claim: 'the lease is checked again at the moment of the grant',
    edits: [
      {
        file: 'state/lock/queue.js',
        find: 'if (claim.lease.deadline.atMs <= state.expiredUpToMs)\n        return false;',
        put: '',
      },
    ],
  },
  {
    name: 'two-holders',
    claim: 'an exclusive lock has one holder',
    edits: [
      {
        file: 'state/lock/queue.js',
        find: 'if (!lock.admits(head.terms.mode, head.terms.permits))\n            break;',
        put: '',
      },
    ],
  },
  {
    name: 'token-again',
    claim: 'fencing tokens only grow',
    edits: [{ file: 'state/lock/queue.js', find: '++state.newestToken', put: 'state.newestToken' }],
  },
  ...MEMBERSHIP_MUTANTS,
];
