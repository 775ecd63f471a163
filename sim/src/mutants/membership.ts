import type { Mutant } from './mutant.js';

/** Bugs in changes of the membership. */
export const MEMBERSHIP_MUTANTS: readonly Mutant[] = [
  {
    name: 'removes-two-at-once',
    claim: 'a change waits until the one before it is applied',
    edits: [
      {
        file: 'server/driver/membership-changes.js',
        find: 'return pendingConfIndex > applied || isJoint(state.membership.confState);',
        put: 'return false;',
      },
      {
        file: 'server/driver/membership-changes.js',
        find: 'this.#busy || this.#underWay !== undefined',
        put: 'this.#busy',
      },
      {
        file: 'raft/leader-proposals.js',
        find: 'if (core.pendingConfIndex > core.log.applied) {',
        put: 'if (false) {',
      },
    ],
  },
  {
    name: 'new-half-decides-alone',
    claim: 'while a voter is replaced, both halves decide',
    edits: [
      {
        file: 'raft/quorum/joint.js',
        find: 'Math.min(majorityCommitted(config.incoming, acks), majorityCommitted(config.outgoing, acks))',
        put: 'majorityCommitted(config.incoming, acks)',
      },
    ],
  },
  {
    name: 'learners-count',
    claim: 'what a learner holds commits nothing',
    edits: [
      {
        file: 'raft/tracker/tracker.js',
        find: 'return jointCommitted(this.config.voters, this);',
        put: `const held = [...this.progress.values()].map(({ match }) => match).sort((a, b) => b - a);
        return held[Math.floor(this.config.voters.incoming.length / 2)];`,
      },
    ],
  },
  {
    name: 'promotes-who-is-behind',
    claim: 'a learner votes only once it follows closely',
    edits: [
      {
        file: 'server/driver/membership-guard.js',
        find: 'if (promoted !== undefined) {',
        put: 'if (false) {',
      },
    ],
  },
  {
    name: 'wiped-keeps-its-id',
    claim: 'a replica that lost its folder never comes back under its old id',
    edits: [
      {
        file: 'state/membership/change.js',
        find: 'const collision = findCollision(members, asked);',
        put: `const before = members.find(({ peerAddress }) => peerAddress === asked.peerAddress);
    if (before !== undefined) {
        const renamed = members.map((member) => (member === before ? { ...member, nonce } : member));
        const { id } = before;
        const learners = [...without(confState.learners, id), id];
        const demoted = { ...confState, voters: without(confState.voters, id), learners };
        return planned({ ...membership, members: renamed }, id, { kind: 'learner', id }, demoted);
    }
    const collision = findCollision(members, asked);`,
      },
    ],
  },
  {
    name: 'removed-folder-comes-back',
    claim: 'the folder of a removed member is refused for ever',
    edits: [
      {
        file: 'state/membership/change.js',
        find: 'if (removedNonces.includes(nonce))',
        put: 'if (false)',
      },
    ],
  },
  {
    name: 'no-quorum-guard',
    claim: 'no change leaves fewer live voters than its quorum',
    edits: [
      {
        file: 'server/driver/membership-guard.js',
        find: "core?.kind === 'learner' || live.length >= needed",
        put: 'true',
      },
    ],
  },
  {
    name: 'removed-ends-at-once',
    claim: 'who was removed votes on until the others know that it was',
    edits: [
      {
        file: 'server/driver/removal.js',
        find: 'if (needed === 0 || refusers.length < needed)',
        put: `const isMember = this.#state.membership.members.some(({ id }) => id === this.#id);
        const was = this.#id < this.#state.membership.nextMemberId;
        if ((isMember || !was) && (needed === 0 || refusers.length < needed))`,
      },
    ],
  },
];
