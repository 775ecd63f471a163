import {
  MessageType,
  ProgressState,
  refusedChangeData,
  StateType,
  type ConfState,
  type Entry,
  type MemoryStorage,
  type Message,
  type RaftError,
  type RawNode,
  type Ready,
} from '@aegis/replica/raft';
import type { Coverage } from './coverage.js';
import { coreOf } from './status.js';

const transferMark = 'CampaignTransfer';

/** Looks at one member's calls and counts the situations that they reach. It changes nothing. */
export class Watch {
  private readonly coverage: Coverage;
  private state: StateType = StateType.Follower;
  private term = 0;
  private transferee = 0;
  private lead = 0;
  private waiting = 0;
  /** The term for which it campaigns because its leader asked it to. */
  private transferTerm = 0;

  constructor(coverage: Coverage) {
    this.coverage = coverage;
  }

  before(node: RawNode): void {
    const core = coreOf(node);
    this.state = core.state;
    this.term = core.term;
    this.lead = core.lead;
    this.transferee = core.leadTransferee;
    this.waiting = core.messagesAfterAppend.length;
  }

  after(call: string, node: RawNode): void {
    const { coverage } = this;
    const core = coreOf(node);
    if (core.state !== this.state) this.roleChanged(call, core.state, core.term);
    if ((core.log as unknown as { applyingPaused: boolean }).applyingPaused) {
      coverage.saw('apply held back by its limit');
    }
    if (call === 'forget-leader' && core.lead !== this.lead) coverage.saw('leader forgotten');
    if (call === 'campaign' && core.state === StateType.Follower && core.log.applied < core.log.committed) {
      const own = core.progress(core.id);
      if (own?.isLearner === false && !core.log.hasSnapshot()) {
        coverage.saw('campaign put off for an unapplied change');
      }
    }
    if (core.state !== StateType.Leader) return;
    if (core.leadTransferee !== this.transferee) {
      if (core.leadTransferee !== 0) coverage.saw('transfer begun');
      else if (call === 'tick') coverage.saw('transfer given up after its time');
    }
    if (core.earlyReads.length > 0) coverage.saw('read before the first commit of a term');
    for (const id of core.tracker.ids) {
      const { inflights, state } = core.progress(id)!;
      if (state !== ProgressState.Replicate || !inflights.full()) continue;
      coverage.saw(inflights.count === inflights.size ? 'window full by messages' : 'window full by bytes');
    }
  }

  private roleChanged(call: string, state: StateType, term: number): void {
    const { coverage } = this;
    if (state === StateType.Leader) {
      coverage.saw('election won');
      if (this.transferTerm === term) coverage.saw('election won by a transfer');
    } else if (this.state === StateType.PreCandidate) {
      if (state === StateType.Candidate) coverage.saw('pre-vote won');
      else if (term === this.term && call === 'deliver') coverage.saw('pre-vote lost');
    } else if (this.state === StateType.Candidate) {
      if (term === this.term && call === 'deliver') coverage.saw('election lost');
    } else if (this.state === StateType.Leader) {
      if (call === 'tick') coverage.saw('leader without quorum stepped down');
      else if (call === 'apply') coverage.saw('removed leader stepped down');
      else if (term > this.term) coverage.saw('leader silenced by a later term');
    }
  }

  delivered(node: RawNode, m: Message): void {
    const { coverage } = this;
    const core = coreOf(node);
    const news = core.messagesAfterAppend.slice(this.waiting);
    switch (m.type) {
      case MessageType.MsgVote:
      case MessageType.MsgPreVote:
        if (news.length > 0 && news[0]!.reject) coverage.saw('vote refused');
        if (m.term > this.term && news.length === 0) coverage.saw('vote request ignored in the lease');
        break;
      case MessageType.MsgApp:
        if (m.term < this.term && news.length > 0) coverage.saw('old leader answered in a later term');
        for (const { reject, rejectHint } of news) {
          if (!reject) continue;
          coverage.saw('append refused');
          if (rejectHint < Math.min(m.index, core.log.lastIndex())) {
            coverage.saw('append refused with a hint below it');
          }
        }
        break;
      case MessageType.MsgSnap:
        if (core.log.unstable.snapshot !== m.snapshot) coverage.saw('snapshot ignored as old');
        break;
      case MessageType.MsgReadIndex:
        if (core.readOnly.option === 1 && core.lead === core.id) coverage.saw('read in a lease');
        break;
      default:
        break;
    }
  }

  refused(node: RawNode, { code }: RaftError): void {
    const { coverage } = this;
    const core = coreOf(node);
    if (code === 'STEP_PEER_NOT_FOUND') coverage.saw('response of a stranger refused');
    if (code === 'STEP_LOCAL_MESSAGE') coverage.saw('forged local message refused');
    if (code !== 'PROPOSAL_DROPPED') return;
    if (core.state !== StateType.Leader) {
      coverage.saw(core.lead === 0 ? 'proposal dropped: no leader' : 'proposal dropped: forwarding is off');
    } else if (core.progress(core.id) === undefined) coverage.saw('proposal dropped: leader was removed');
    else if (core.leadTransferee !== 0) coverage.saw('proposal dropped: handing over');
    else coverage.saw('proposal dropped: too much uncommitted');
  }

  ready(node: RawNode, rd: Ready): void {
    const { coverage } = this;
    const { settings } = coreOf(node);
    for (const m of rd.messages) {
      if (m.type === MessageType.MsgSnap) coverage.saw('snapshot sent');
      else if (m.type === MessageType.MsgProp) coverage.saw('proposal forwarded');
      else if (m.type === MessageType.MsgReadIndex) coverage.saw('read forwarded');
      else if (
        m.type === MessageType.MsgVote &&
        m.context !== undefined &&
        m.context.length === transferMark.length
      ) {
        this.transferTerm = m.term;
      }
    }
    if (rd.readStates.length > 0) coverage.saw('read answered');
    if (rd.readStates.length > 1) coverage.saw('several reads confirmed at once');
    if (rd.entries.some(({ data }) => data === refusedChangeData))
      coverage.saw('change refused when proposed');
    const [first] = rd.committedEntries;
    if (first !== undefined && rd.committedEntries.length === 1) {
      if (settings.entrySize(first) > settings.maxCommittedSizePerReady) {
        coverage.saw('entry above its limit handed out alone');
      }
    }
  }

  writing(disk: MemoryStorage, entries: readonly Entry[]): void {
    const [first] = entries;
    if (first === undefined || first.index > disk.lastIndex() || first.index < disk.firstIndex()) return;
    if (disk.term(first.index) !== first.term) this.coverage.saw('conflict overwritten on disk');
  }

  answered(node: RawNode, answer: Message): void {
    if (
      answer.index !== 0 &&
      answer.term < coreOf(node).term &&
      answer.type === MessageType.MsgStorageAppendResp
    ) {
      this.coverage.saw('write answered in a later term');
    }
  }

  changed(node: RawNode, before: ConfState, after: ConfState): void {
    const { coverage } = this;
    const wasJoint = before.votersOutgoing.length > 0;
    const joint = after.votersOutgoing.length > 0;
    if (!wasJoint && !joint) coverage.saw('change of one member applied');
    if (!wasJoint && joint) {
      coverage.saw(
        after.autoLeave
          ? 'joint configuration entered, to be left automatically'
          : 'joint configuration entered, to be left on request',
      );
    }
    if (wasJoint && !joint) {
      coverage.saw(
        before.autoLeave ? 'joint configuration left automatically' : 'joint configuration left on request',
      );
    }
    const members = ({ voters, learners, votersOutgoing }: ConfState) => [
      ...voters,
      ...learners,
      ...votersOutgoing,
    ];
    const now = members(after);
    for (const id of after.learners) {
      if (before.voters.includes(id) || before.learnersNext.includes(id)) coverage.saw('voter demoted');
      else if (!before.learners.includes(id)) coverage.saw('learner added');
    }
    for (const id of before.learners) if (after.voters.includes(id)) coverage.saw('learner promoted');
    for (const id of members(before)) if (!now.includes(id)) coverage.saw('member removed');
    const core = coreOf(node);
    const stood = before.voters.includes(core.id) || before.votersOutgoing.includes(core.id);
    const stands = after.voters.includes(core.id) || after.votersOutgoing.includes(core.id);
    if (this.state === StateType.Leader && stood && !stands) coverage.saw('leader removed or demoted');
  }
}
