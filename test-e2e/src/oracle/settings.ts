import { NO_LIMIT, ReadOnlyOption, type Config } from '@aegis/replica/raft';
import type { Random } from '@aegis/replica/sim';

export type Settings = Required<
  Omit<Config, 'id' | 'storage' | 'applied' | 'entrySize' | 'randomInt' | 'logger'>
>;

/** Settings that fit together; sizes so small that their limits are met, or none. */
export function drawSettings(random: Random): Settings {
  const electionTick = 2 + random.below(6);
  const maxSizePerMsg = random.pick([0, 1, 30, 90, 250, 1000, NO_LIMIT]);
  const checkQuorum = random.chance(0.5);
  const lease = checkQuorum && random.chance(0.3);
  const unlimitedWindow = maxSizePerMsg === NO_LIMIT || random.chance(0.5);
  return {
    electionTick,
    heartbeatTick: random.chance(0.7) ? 1 : 1 + random.below(electionTick - 1),
    asyncStorageWrites: random.chance(0.5),
    maxSizePerMsg,
    // 0 means as maxSizePerMsg, and if that is 0 too, nothing may ever be applied: both sides assert that.
    maxCommittedSizePerReady: random.pick([maxSizePerMsg === 0 ? 1 : 0, 1, 40, 120, 600, NO_LIMIT]),
    maxUncommittedEntriesSize: random.pick([0, 0, 20, 150]),
    maxInflightMsgs: random.pick([1, 2, 3, 5, 256]),
    maxInflightBytes: unlimitedWindow ? 0 : maxSizePerMsg + random.pick([1, 20, 200]),
    checkQuorum,
    preVote: random.chance(0.5),
    readOnlyOption: lease ? ReadOnlyOption.LeaseBased : ReadOnlyOption.Safe,
    disableProposalForwarding: random.chance(0.2),
    disableConfChangeValidation: random.chance(0.1),
    stepDownOnRemoval: random.chance(0.5),
  };
}

const size = (bytes: number) => (bytes === NO_LIMIT ? 'max' : bytes);
const flag = (value: boolean) => (value ? 1 : 0);

/** In the order in which `read.go` reads them. */
export function settingsText(s: Settings): string {
  return [
    s.electionTick,
    s.heartbeatTick,
    flag(s.asyncStorageWrites),
    size(s.maxSizePerMsg),
    size(s.maxCommittedSizePerReady),
    size(s.maxUncommittedEntriesSize),
    s.maxInflightMsgs,
    size(s.maxInflightBytes),
    flag(s.checkQuorum),
    flag(s.preVote),
    s.readOnlyOption,
    flag(s.disableProposalForwarding),
    flag(s.disableConfChangeValidation),
    flag(s.stepDownOnRemoval),
  ].join();
}
