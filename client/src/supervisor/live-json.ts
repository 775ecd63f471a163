import type { Cluster } from '../cluster/cluster.js';
import { collectStatus, type ClusterStatus } from '../status/collect.js';
import { plainJson } from '../terminal/plain.js';
import { knownMembers } from './known-members.js';
import type { View } from './live-view.js';
import type { Supervisor } from './supervisor.js';

const LOOK_MS = 1_000;

/** Shows a running cluster to a program: a document a line for whatever happens, {"at", "message"}, and more where there is more. */
export class LiveJson implements View {
  private timer: NodeJS.Timeout | undefined;
  private last: ClusterStatus | undefined;
  private stopped = false;

  constructor(private readonly output: NodeJS.WriteStream) {}

  line(message: string, more: object = {}): void {
    this.output.write(`${plainJson({ at: new Date().toISOString(), message, ...more })}\n`);
  }

  follow(supervisor: Supervisor, cluster: Cluster, first: ClusterStatus): void {
    this.last = first;
    const look = async (): Promise<void> => {
      const status = await collectStatus(cluster, knownMembers(supervisor.current));
      if (this.stopped) return;
      if (status.leader !== this.last?.leader)
        this.line('the leader is another', { leader: status.leader, term: status.term });
      this.last = status;
      this.timer = setTimeout(() => void look(), LOOK_MS);
    };
    this.timer = setTimeout(() => void look(), LOOK_MS);
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }
}
