import type { Cluster } from '../cluster/cluster.js';
import { collectStatus, type ClusterStatus } from '../status/collect.js';
import { renderStatus } from '../status/render.js';
import { plain } from '../terminal/plain.js';
import { knownMembers } from './known-members.js';
import type { Supervisor } from './supervisor.js';

const REFRESH_MS = 1_000;
const LINES_KEPT = 8;
const CLEAR_SCREEN = '\x1b[2J\x1b[H';

/** Where `aegis up` shows what happens. */
export interface View {
  /** Something happened. */
  line(text: string): void;
  /** Follows the cluster until stopped. */
  follow(supervisor: Supervisor, cluster: Cluster, first: ClusterStatus): void;
  stop(): void;
}

/** Shows a running cluster: on a terminal as a picture that is kept up to date, else as one line for each change. */
export class LiveView implements View {
  private readonly lines: string[] = [];
  private timer: NodeJS.Timeout | undefined;
  private last: ClusterStatus | undefined;
  private stopped = false;

  constructor(
    private readonly output: NodeJS.WriteStream,
    private readonly title: string,
  ) {}

  /** Something happened. */
  line(text: string): void {
    const stamped = `${new Date().toISOString().slice(11, 19)} ${plain(text)}`;
    this.lines.push(stamped);
    if (this.lines.length > LINES_KEPT) this.lines.shift();
    if (this.picture) this.paint();
    else this.output.write(`${stamped}\n`);
  }

  /** Follows the cluster until stopped. */
  follow(supervisor: Supervisor, cluster: Cluster, first: ClusterStatus): void {
    this.show(first);
    const look = async (): Promise<void> => {
      const status = await collectStatus(cluster, knownMembers(supervisor.current));
      if (this.stopped) return;
      this.show(status);
      this.timer = setTimeout(() => void look(), REFRESH_MS);
    };
    this.timer = setTimeout(() => void look(), REFRESH_MS);
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  private get picture(): boolean {
    return this.output.isTTY && this.last !== undefined && !this.stopped;
  }

  private show(status: ClusterStatus): void {
    const before = this.last;
    this.last = status;
    if (before?.leader !== status.leader) {
      this.line(status.leader === null ? 'no leader' : `member ${status.leader} leads, term ${status.term}`);
    } else if (this.picture) {
      this.paint();
    }
  }

  private paint(): void {
    const picture = [this.title, '', renderStatus(this.last!), '', ...this.lines].join('\n');
    this.output.write(`${CLEAR_SCREEN}${picture}\n`);
  }
}
