import { emptySnapshot, NO_LIMIT, protobufEntrySize, ReadOnlyOption, type Snapshot } from '../index.js';
import type { Cluster } from './cluster.js';
import { toBoolean, toInteger, type Directive } from './directive.js';
import type { MemberConfig } from './member.js';
import { utf8 } from './quote.js';
import { ScriptError } from './script-error.js';

/** No limits, and no chance: every drawn election timeout is the shortest, unless the script sets another. */
function defaults(): MemberConfig {
  return {
    electionTick: 3,
    heartbeatTick: 1,
    maxSizePerMsg: NO_LIMIT,
    maxInflightMsgs: 0x7fffffff,
    entrySize: protobufEntrySize,
    randomInt: () => 0,
  };
}

type Setting = (value: string, config: MemberConfig, first: Snapshot) => void;

/** Each argument of add-nodes. A list sets its argument once for each value. */
const settings: Record<string, Setting> = {
  voters: (value, _, first) => first.metadata.confState.voters.push(toInteger(value)),
  learners: (value, _, first) => first.metadata.confState.learners.push(toInteger(value)),
  index: (value, _, first) => (first.metadata.index = toInteger(value)),
  content: (value, _, first) => (first.data = utf8(value)),
  inflight: (value, config) => (config.maxInflightMsgs = toInteger(value)),
  'async-storage-writes': (value, config) => (config.asyncStorageWrites = toBoolean(value)),
  prevote: (value, config) => (config.preVote = toBoolean(value)),
  checkquorum: (value, config) => (config.checkQuorum = toBoolean(value)),
  'max-committed-size-per-ready': (value, config) => (config.maxCommittedSizePerReady = toInteger(value)),
  'disable-conf-change-validation': (value, config) =>
    (config.disableConfChangeValidation = toBoolean(value)),
  'read-only': (value, config) => (config.readOnlyOption = toReadOnlyOption(value)),
  'step-down-on-removal': (value, config) => (config.stepDownOnRemoval = toBoolean(value)),
  // Ours, beyond etcd's scripts:
  'inflight-bytes': (value, config) => (config.maxInflightBytes = toInteger(value)),
  'max-size-per-msg': (value, config) => (config.maxSizePerMsg = toInteger(value)),
  'max-uncommitted-size': (value, config) => (config.maxUncommittedEntriesSize = toInteger(value)),
  'disable-proposal-forwarding': (value, config) => (config.disableProposalForwarding = toBoolean(value)),
};

function toReadOnlyOption(text: string): ReadOnlyOption {
  if (text === 'safe') return ReadOnlyOption.Safe;
  if (text === 'lease-based') return ReadOnlyOption.LeaseBased;
  throw new ScriptError(`invalid read-only option "${text}"`);
}

/** `add-nodes 3 voters=(1,2,3) index=10`: all start from one snapshot, or empty without voters and index. */
export function addNodes(cluster: Cluster, d: Directive): void {
  const count = d.integer(0, 'the number of members');
  d.only(1, ...Object.keys(settings));
  const config = defaults();
  const first = emptySnapshot();
  for (const { key, values } of d.args) for (const value of values) settings[key]!(value, config, first);
  const { metadata, data } = first;
  const { voters, learners } = metadata.confState;
  if (voters.length + learners.length + data.length + metadata.index > 0) {
    if (metadata.index <= 1)
      throw new ScriptError('members that start from a snapshot need an index above 1');
    metadata.term = 1;
  }
  cluster.add(count, config, first);
}
