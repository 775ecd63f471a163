import type { ClusterFolder, ClusterState } from './cluster-folder.js';
import { rotateLog } from './log-file.js';
import { MemberProcess, type MemberEvents } from './member-process.js';
import { identify, type ProcessIdentity } from './process-identity.js';
import { startArguments } from './replica-binary.js';

/** How long a replica may take to hand over and stop, in milliseconds. */
const STOP_PATIENCE_MS = 10_000;
const ROTATE_EVERY_MS = 5_000;

export interface SuperviseOptions {
  /** Whether dead members are started again. */
  readonly restart: boolean;
  readonly allowFaults: boolean;
  /** The settings file of all members, or of each; undefined: defaults. */
  readonly settings?: string | MemberSettings | undefined;
}

/** A settings file for each member. */
export interface MemberSettings {
  /** Before the first start: what is missing is written. */
  prepare(state: ClusterState): void;
  path(member: string): string;
}

/** Runs every member of a cluster as a process of its own, and notes in `cluster.json` which ones they are. */
export class Supervisor {
  private readonly members: MemberProcess[];
  private rotation: NodeJS.Timeout | undefined;
  private writing = false;

  constructor(
    private readonly folder: ClusterFolder,
    private state: ClusterState,
    options: SuperviseOptions,
    onLine: (line: string) => void,
  ) {
    const events: MemberEvents = {
      onLine,
      onProcess: (name, process) => {
        const members = this.state.members.map((each) => (each.name === name ? { ...each, process } : each));
        this.note({ ...this.state, members });
      },
    };
    this.members = state.members.map((member) => {
      const command = {
        arguments: startArguments(folder, state, member, options),
        logPath: folder.logPath(member.name),
        restart: options.restart,
      };
      return new MemberProcess(member, command, events);
    });
  }

  get current(): ClusterState {
    return this.state;
  }

  /** So many members have ended for good that the rest is no quorum. */
  get hopeless(): boolean {
    return this.members.filter(({ ended }) => !ended).length <= this.members.length / 2;
  }

  start(): void {
    this.state = { ...this.state, supervisor: identify(process.pid) ?? null };
    this.writing = true;
    for (const member of this.members) member.start();
    this.rotation = setInterval(() => {
      for (const { member } of this.members) rotateLog(this.folder.logPath(member.name));
      rotateLog(this.folder.logPath('agent'));
    }, ROTATE_EVERY_MS);
    this.rotation.unref();
  }

  /** Stops every member: gracefully, then by force. */
  async stop(): Promise<void> {
    clearInterval(this.rotation);
    await Promise.all(this.members.map((member) => member.stop(STOP_PATIENCE_MS)));
    this.note({ ...this.state, supervisor: null });
    this.writing = false;
  }

  /** Starts a member's process anew, in good order. */
  async restart(name: string): Promise<void> {
    await this.members.find(({ member }) => member.name === name)?.restart(STOP_PATIENCE_MS);
  }

  /** Another process is the agent now; null: none. */
  noteAgent(agent: ProcessIdentity | null): void {
    this.note({ ...this.state, agent });
  }

  /** The replica in a place is another member now. */
  renumber(name: string, id: number): void {
    const members = this.state.members.map((each) => (each.name === name ? { ...each, id } : each));
    this.note({ ...this.state, members });
  }

  private note(state: ClusterState): void {
    this.state = state;
    if (this.writing) this.folder.write(state);
  }
}
