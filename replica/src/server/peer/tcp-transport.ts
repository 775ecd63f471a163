import type {
  ForwardedBatch,
  ForwardRefused,
  Frame,
  Standing,
  StateHash,
  KnownCommit,
} from '@aegis/proto/replica/peer';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { connect as connectTls, createServer as createTlsServer, type TLSSocket } from 'node:tls';

import { HostMemory } from '../../hosts/host-memory.js';
import type { Message } from '../../raft/index.js';
import type { Environment } from '../driver/environment.js';
import type { Logger } from '../logger.js';
import { hostAndPort } from '../folder/addresses.js';
import type { LiveTls } from '../live-tls.js';
import { organizationOf, type TlsFiles } from '../tls.js';
import type { Traffic, Wires } from '../world.js';
import type { LinkIdentity } from './hello.js';
import { type IncomingLink, serveIncoming } from './incoming-link.js';
import { OutgoingLink } from './outgoing-link.js';
import { SocketSnapshotLink } from './snapshot-link.js';
import type {
  PeerAddress,
  PeerReceiver,
  PeerTransport,
  SnapshotLink,
  SnapshotLinkEvents,
} from './transport.js';
import { decodeMessage } from './wire.js';

export interface PeerMeasures {
  roundTrip(peer: number, ms: number): void;
  clockOffset(peer: number, ms: number): void;
  refusedFrame(): void;
}

export interface TcpTransportOptions extends LinkIdentity {
  /** Where the port is opened. */
  readonly bind: string;
  readonly tls: LiveTls | undefined;
  readonly environment: Environment;
  readonly wires: Wires;
  readonly logger: Logger;
  readonly measures: PeerMeasures;
  /** Whether the id was a member's that is gone, as far as is applied here. */
  readonly isRemoved: (id: number) => boolean;
  /** What is known of the folder with this nonce. */
  readonly standing: (nonce: string) => Standing;
}

const PROBE_INTERVAL_MS = 1000;
/** Peers that are connected and not applied yet as members: more than one change behind is rare. */
const NEWER_MAX = 16;
/**
 * A link on which so many probes in a row got no answer is dialled anew: its other end may be gone without a word, or
 * be somebody else. Counted in probes, not in time, so that a pause of this process is not held against its peers.
 */
const UNANSWERED_PROBES_MAX = 5;

/** The transport of real clusters: a long-lived TCP or mutual-TLS connection a direction. */
export class TcpTransport implements PeerTransport {
  readonly #options: TcpTransportOptions;
  readonly #hosts = new HostMemory();
  readonly #links = new Map<number, OutgoingLink>();
  #addresses: ReadonlyMap<number, PeerAddress> = new Map();
  readonly #snapshotSockets = new Set<Socket>();
  readonly #incoming = new Map<Socket, IncomingLink>();
  #server: Server | undefined;
  #receiver: PeerReceiver | undefined;
  #probes: NodeJS.Timeout | undefined;
  #probeId = 0;
  readonly #probeSent = new Map<number, { at: number; wall: number }>();
  readonly #unansweredProbes = new Map<number, number>();

  constructor(options: TcpTransportOptions) {
    this.#options = options;
  }

  async start(receiver: PeerReceiver): Promise<void> {
    this.#receiver = receiver;
    const { tls, bind } = this.#options;
    const server = tls === undefined ? createServer((socket) => this.#accept(socket)) : this.#tlsServer(tls);
    server.on('tlsClientError', (error: Error) =>
      this.#options.logger.warn('peer TLS refused', { error: error.message }),
    );
    this.#server = server;
    const { host, port } = hostAndPort(bind);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, () => resolve());
    });
    this.#probes = setInterval(() => this.#probe(), PROBE_INTERVAL_MS);
  }

  setPeers(peers: readonly PeerAddress[]): void {
    const { self, isRemoved } = this.#options;
    const wanted = new Map(peers.filter((peer) => peer.id !== self).map((peer) => [peer.id, peer]));
    this.#addresses = wanted;
    for (const [id, link] of this.#links) {
      const peer = wanted.get(id);
      // One that is newer than what is applied here stays.
      if (peer === undefined ? !isRemoved(id) : peer.address === link.address) continue;
      link.retire();
      this.#links.delete(id);
    }
    for (const [id, peer] of wanted) {
      if (!this.#links.has(id)) this.#links.set(id, this.#link(peer));
    }
    for (const link of this.#incoming.values()) {
      if (link.from === undefined || !isRemoved(link.from)) continue;
      link.refuse({ reason: `member ${link.from} was removed from this cluster`, removed: true });
    }
  }

  /** The state machine version that the software of a peer knows; undefined while it is not connected. */
  versionOf(peer: number): number | undefined {
    // Of two connections one may be dead, and not known to be: the newest counts.
    return [...this.#incoming.values()].findLast(({ from }) => from === peer)?.stateVersion;
  }

  send(message: Message): void {
    this.#links.get(message.to)?.send(message);
  }

  forward(to: number, batch: ForwardedBatch): void {
    this.#links.get(to)?.forward(batch);
  }

  refuse(to: number, refused: ForwardRefused): void {
    this.#links.get(to)?.refuse(refused);
  }

  tell(to: number, hashes: readonly StateHash[]): void {
    this.#links.get(to)?.tell(hashes);
  }

  tellCommit(commit: KnownCommit): void {
    for (const link of this.#links.values()) link.tellCommit(commit);
  }

  flush(): void {
    for (const link of this.#links.values()) link.flush();
  }

  dialSnapshot(to: number, events: SnapshotLinkEvents): SnapshotLink {
    const peer = this.#addresses.get(to);
    if (peer === undefined) {
      queueMicrotask(() => events.closed(`${to} is no member of this cluster`));
      return { send: () => {}, close: () => {} };
    }
    const socket = this.#dial(peer, 'snapshot');
    this.#snapshotSockets.add(socket);
    socket.once('close', () => this.#snapshotSockets.delete(socket));
    return SocketSnapshotLink.dial(socket, this.#options, to, events);
  }

  async stop(): Promise<void> {
    clearInterval(this.#probes);
    for (const link of this.#links.values()) link.close();
    for (const socket of [...this.#incoming.keys(), ...this.#snapshotSockets]) socket.destroy();
    const server = this.#server;
    if (server !== undefined) await new Promise<void>((resolve) => server.close(() => resolve()));
  }

  #dial(peer: PeerAddress, traffic: Traffic): Socket {
    return this.#options.wires.dial(peer.id, traffic, () => this.#connect(peer));
  }

  #connect(peer: PeerAddress): Socket {
    const { host, port } = hostAndPort(peer.address);
    const where = { host, port, lookup: this.#hosts.lookup };
    const { tls } = this.#options;
    if (tls === undefined) return connect(where);
    return connectTls({ ...where, ca: tls.ca, cert: tls.cert, key: tls.key, minVersion: 'TLSv1.3' });
  }

  #link(peer: PeerAddress): OutgoingLink {
    const { logger } = this.#options;
    return new OutgoingLink(peer, this.#options, () => this.#dial(peer, 'frames'), {
      unreachable: (id) => this.#receiver?.unreachable(id),
      connected: (id) => logger.info('peer connected', { peer: id }),
      disconnected: (id, reason) => logger.warn('peer unreachable', { peer: id, reason }),
      refusedAsRemoved: (id) => this.#receiver?.refusedAsRemoved(id),
    });
  }

  /** Connections that begin after a change of the certificates use the new ones. */
  #tlsServer(tls: LiveTls): Server {
    const demands = { requestCert: true, rejectUnauthorized: true, minVersion: 'TLSv1.3' } as const;
    const contextOf = ({ ca, cert, key }: TlsFiles) => ({ ca, cert, key, minVersion: 'TLSv1.3' }) as const;
    const server = createTlsServer({ ...contextOf(tls), ...demands }, (socket) => this.#acceptTls(socket));
    const unfollow = tls.follow((files) => server.setSecureContext(contextOf(files)));
    server.once('close', unfollow);
    return server;
  }

  #acceptTls(socket: TLSSocket): void {
    const organization = organizationOf(socket.getPeerCertificate());
    if (organization !== 'aegis:replica') {
      this.#options.logger.warn('peer connection refused', {
        reason: `certificate of ${organization ?? 'nobody'}`,
      });
      this.#options.measures.refusedFrame();
      socket.destroy();
      return;
    }
    this.#accept(socket);
  }

  #accept(socket: Socket): void {
    const link = serveIncoming(socket, this.#options, {
      welcomed: (from, address) => this.#welcome(from, address),
      standing: this.#options.standing,
      isRemoved: this.#options.isRemoved,
      frame: (frame) => this.#receive(frame),
      snapshot: (from, socket) => {
        const answering = this.#options.wires.accepted(from, 'snapshot', socket);
        const link = SocketSnapshotLink.accept(answering, this.#options, from, (opened) =>
          this.#receiver!.snapshotLink(from, opened),
        );
        return (body) => link.take(body);
      },
      isMember: (id) => this.#addresses.has(id),
      refused: (remote, reason) => {
        this.#options.logger.warn('peer connection refused', { remote, reason });
        this.#options.measures.refusedFrame();
      },
    });
    this.#incoming.set(socket, link);
    socket.once('close', () => this.#incoming.delete(socket));
  }

  /** A newer member than those that are applied here gets its answers where it says that it listens. */
  #welcome(id: number, address: string): void {
    const newer = this.#links.size - this.#addresses.size;
    if (this.#links.has(id) || newer >= NEWER_MAX) return;
    this.#links.set(id, this.#link({ id, address }));
  }

  #receive(frame: Frame): void {
    const receiver = this.#receiver!;
    for (const message of frame.messages) {
      // The core trusts `from`; the certificate and the hello have proved the frame's.
      if (message.from === frame.from) receiver.message(decodeMessage(message));
    }
    for (const batch of frame.forwards) receiver.forwarded(frame.from, batch);
    for (const refused of frame.refusals) receiver.forwardRefused(refused);
    if (frame.hashes.length > 0) receiver.hashes(frame.from, frame.hashes);
    if (frame.commit !== undefined) receiver.knownCommit(frame.commit);
    const link = this.#links.get(frame.from);
    if (frame.probe !== undefined) {
      link?.answerProbe(frame.probe.id, this.#options.environment.wallMs());
      link?.flush();
    }
    if (frame.probeReply !== undefined)
      this.#measure(frame.from, frame.probeReply.id, frame.probeReply.wallMs);
  }

  #probe(): void {
    this.#probeId++;
    for (const [id, link] of this.#links) {
      const unanswered = this.#probeSent.has(id) ? (this.#unansweredProbes.get(id) ?? 0) + 1 : 0;
      if (unanswered < UNANSWERED_PROBES_MAX) {
        this.#unansweredProbes.set(id, unanswered);
        continue;
      }
      this.#unansweredProbes.delete(id);
      link.redial(`${unanswered} probes without an answer`);
    }
    this.#probeSent.clear();
    const { environment } = this.#options;
    for (const link of this.#links.values()) {
      if (!link.connected) continue;
      const wall = environment.wallMs();
      this.#probeSent.set(link.peer, { at: environment.monotonicMs(), wall });
      link.probe(this.#probeId, wall);
      link.flush();
    }
  }

  #measure(peer: number, id: number, wallMs: number): void {
    const sent = this.#probeSent.get(peer);
    if (sent === undefined || id !== this.#probeId) return;
    this.#probeSent.delete(peer);
    const roundTripMs = this.#options.environment.monotonicMs() - sent.at;
    this.#options.measures.roundTrip(peer, roundTripMs);
    this.#options.measures.clockOffset(peer, wallMs - (sent.wall + roundTripMs / 2));
  }
}
