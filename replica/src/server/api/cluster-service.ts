import { AlarmKind } from '@aegis/proto/v1/alarm';
import type { ClusterServer, StatusResponse } from '@aegis/proto/v1/cluster';

import { errorOf } from '../../errors/index.js';
import { type RawNode, StateType } from '../../raft/index.js';
import type { ConsensusSettings, Profile } from '../../settings/index.js';
import type { StateMachine } from '../../state/index.js';
import type { Driver } from '../driver/driver.js';
import { mostCaughtUp } from '../driver/leadership.js';
import { sharedSettingsOf } from '../driver/shared-settings.js';
import type { Backups } from './backups.js';
import { hashOf } from './hash-call.js';
import { changeMembership, describeMembers, judgeLearner } from './membership-calls.js';
import type { Hint } from './operations.js';
import { setSettings } from './settings-call.js';
import { type Handlers } from './unary.js';
import { raiseVersion, type VersionOf } from './version-calls.js';

export interface ClusterFacts {
  readonly memberId: number;
  readonly profile: Profile;
  readonly version: string;
  readonly consensus: ConsensusSettings;
}

const ROLES = {
  [StateType.Follower]: 'follower',
  [StateType.Candidate]: 'candidate',
  [StateType.Leader]: 'leader',
  [StateType.PreCandidate]: 'pre-candidate',
} as const;

export function roleName(role: StateType): string {
  return ROLES[role];
}

export interface ClusterServiceParts {
  readonly driver: Driver;
  readonly raft: RawNode;
  readonly state: StateMachine;
  readonly facts: ClusterFacts;
  readonly hint: Hint;
  readonly backups: Backups;
  readonly versionOf: VersionOf;
}

export function clusterService(handlers: Handlers, parts: ClusterServiceParts): ClusterServer {
  const { driver, raft, state, facts, hint, backups } = parts;
  return {
    backup: handlers.streaming('admin', (call) => backups.serve(call)),
    addLearner: handlers.guarded('admin', ({ request }, reply) => {
      const wrong = judgeLearner(request);
      if (wrong !== undefined) reply({ $failed: wrong });
      else changeMembership({ $case: 'addLearner', value: request }, parts, reply);
    }),
    promote: handlers.guarded('admin', ({ request: { memberId: id, replacedId: removed } }, reply) => {
      if (removed === 0) changeMembership({ $case: 'promote', value: { id } }, parts, reply);
      else changeMembership({ $case: 'replace', value: { promoted: id, removed } }, parts, reply);
    }),
    remove: handlers.guarded('admin', ({ request: { memberId: id } }, reply) => {
      changeMembership({ $case: 'remove', value: { id } }, parts, reply);
    }),
    raiseVersion: handlers.guarded('admin', ({ request }, reply) =>
      raiseVersion(request, { ...parts, memberId: facts.memberId }, reply),
    ),
    setSettings: handlers.guarded('admin', ({ request }, reply) => setSettings(request, parts, reply)),
    status: handlers.guarded('client', (_call, reply) => reply(statusOf(driver, raft, state, facts))),
    hash: handlers.guarded('admin', (call, reply) => hashOf(driver, state, call.request, reply)),
    scrub: handlers.guarded('admin', (_call, reply) => {
      if (driver.role !== StateType.Leader) {
        reply({ $failed: hint(errorOf('NOT_LEADER', {})) });
        return;
      }
      driver.integrity.requestScrub((failed) =>
        reply(failed === undefined ? { index: driver.integrity.newestScrub } : { $failed: hint(failed) }),
      );
    }),
    clearAlarm: handlers.guarded('admin', (call, reply) => {
      const { alarm } = call.request;
      if (alarm?.kind !== AlarmKind.CORRUPT) {
        const field = { field: 'alarm.kind', value: alarm?.kind ?? AlarmKind.UNSPECIFIED };
        reply({
          $failed: errorOf('INVALID_ARGUMENT', {
            ...field,
            expected: 'CORRUPT; the others clear themselves',
          }),
        });
        return;
      }
      const command = {
        call: undefined,
        op: { $case: 'setAlarm' as const, value: { alarm, raised: false } },
      };
      driver.submit(command, (_result, failed) =>
        reply(failed === undefined ? { alarms: [...state.alarms] } : { $failed: failed }),
      );
    }),
    transferLeadership: handlers.guarded('admin', (call, reply) => {
      const asked = call.request.targetId;
      const voters = state.membership!.confState.voters;
      const target = asked === 0 ? mostCaughtUp(raft, facts.memberId) : asked;
      if (driver.role !== StateType.Leader) {
        reply({ $failed: hint(errorOf('NOT_LEADER', {})) });
      } else if (target === undefined || !voters.includes(target)) {
        reply({ $failed: errorOf('MEMBER_NOT_FOUND', { member: asked }) });
      } else if (target === facts.memberId) {
        reply({ leaderId: target, term: raft.basicStatus().term });
      } else {
        void transfer(driver, target, facts.consensus.electionTimeoutMs).then((done) => {
          if (done) reply({ leaderId: driver.lead, term: raft.basicStatus().term });
          else reply({ $failed: errorOf('TRANSFER_FAILED', { member: target }) });
        });
      }
    }),
  };
}

/** Hands leadership to `target`; resolves to whether it leads within an election timeout. */
export async function transfer(driver: Driver, target: number, timeoutMs: number): Promise<boolean> {
  driver.transferLeadership(target);
  const deadline = performance.now() + timeoutMs;
  while (driver.lead !== target && performance.now() < deadline) {
    await new Promise((resolve) => {
      setTimeout(resolve, 10);
    });
  }
  return driver.lead === target;
}

function statusOf(driver: Driver, raft: RawNode, state: StateMachine, facts: ClusterFacts): StatusResponse {
  const core = raft.basicStatus();
  const membership = state.membership!;
  const { voters, votersOutgoing } = membership.confState;
  // One that was added and does not know it yet is a learner too.
  const voter = voters.includes(facts.memberId) || votersOutgoing.includes(facts.memberId);
  return {
    clusterId: membership.clusterId,
    memberId: facts.memberId,
    leaderId: driver.lead,
    term: core.term,
    commitIndex: core.commit,
    appliedIndex: state.appliedIndex,
    lastIndex: core.lastIndex,
    role: voter ? roleName(driver.role) : 'learner',
    profile: facts.profile,
    version: facts.version,
    stateHash: state.hash,
    members: describeMembers(driver, raft, state),
    leases: state.counts.leases,
    locks: state.counts.locks,
    newestToken: state.newestToken,
    alarms: [...state.alarms],
    leaseClockMs: state.leaseClockMs,
    pid: process.pid,
    clusterVersion: state.clusterVersion,
    knownVersion: state.version,
    settings: sharedSettingsOf(state),
  };
}
