import type { AegisCluster } from '@aegis/crds';
import { namesOf } from '../../build/names.js';
import type { Recorded } from '../../events/recorder.js';
import type { KubeClient } from '../../kube/client.js';
import { RESOURCES } from '../../kube/resource.js';
import type { Scene } from '../../testing/scene.js';
import { AdminCertificates } from '../admin.js';
import { Requests } from '../cert-manager/requests.js';
import { readCertificates, signerOf, type Certificate } from '../certificate.js';
import type { CertificatesContext, CertificatesOutcome } from '../context.js';
import { keepCertificates } from '../keep-certificates.js';
import { readPair, textOf, type Pair, type Secret } from '../pair.js';
import type { PodTls } from '../rotation.js';

const HOUR_MS = 3_600_000;

/** Somebody who has read a Secret and goes by it until it is read again. */
export class Reader {
  pair: Pair | undefined;
  /** Reads nothing and says nothing. */
  silent = false;

  constructor(readonly name: string) {}

  read(secret: Secret): void {
    const pair = pairIn(secret);
    if (typeof pair !== 'string') this.pair = pair;
  }

  trusts(other: Reader, nowMs: number): boolean {
    return leadsTo(other.pair!, this.pair!) && other.pair!.chain[0]!.endMs > nowMs;
  }
}

const pairs = new WeakMap<Secret, Pair | string>();

/** What several pods read in one Secret is worked out once. */
function pairIn(secret: Secret): Pair | string {
  const known = pairs.get(secret) ?? readPair(secret);
  pairs.set(secret, known);
  return known;
}

const answers = new WeakMap<Pair, WeakMap<Pair, boolean>>();

/** Whether the one's certificate leads to an authority of the other's; the same two always answer the same. */
function leadsTo(shown: Pair, judge: Pair): boolean {
  const judged = answers.get(judge) ?? new WeakMap<Pair, boolean>();
  answers.set(judge, judged);
  const known = judged.get(shown) ?? signerOf(shown.chain, judge.authorities) !== undefined;
  judged.set(shown, known);
  return known;
}

/** A cluster's Secrets on an API server, its pods in the abstract, and a clock that is moved by hand. */
export class House {
  readonly pods: Reader[];
  /** An application that reads its Secret when it likes. */
  readonly client = new Reader('application');
  readonly events: Recorded[] = [];
  readonly #scene: Scene;
  #nowMs = Date.parse('2030-01-01T00:00:00Z');
  /** What a process of the operator keeps in its memory. */
  #admins = new AdminCertificates();
  #requests = new Requests();

  constructor(
    scene: Scene,
    public cluster: AegisCluster,
    pods = 3,
  ) {
    this.#scene = scene;
    this.pods = Array.from({ length: pods }, (_, at) => new Reader(`${cluster.metadata.name}-${at}`));
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  wait(hours: number): void {
    this.#nowMs += hours * HOUR_MS;
  }

  /** The operator's process is another one. */
  restart(): void {
    this.#admins = new AdminCertificates();
    this.#requests = new Requests();
  }

  /** One pass of the operator. */
  pass(client: KubeClient = this.#scene.client): Promise<CertificatesOutcome> {
    const context: CertificatesContext = {
      client,
      signal: new AbortController().signal,
      readSecret: (ref) => client.get(RESOURCES.secrets, ref),
      requests: this.#requests,
      nowMs: () => this.#nowMs,
      clusterId: 'abcdef0123456789',
      clusterDomain: 'cluster.local',
      admins: this.#admins,
      tellTls: () => Promise.resolve(this.pods.map((pod) => factsOf(pod))),
      record: (_, event) => {
        this.events.push(event);
        return Promise.resolve();
      },
    };
    return keepCertificates(context, this.cluster);
  }

  /** Passes until one changes nothing, with pods that read their Secret after each. */
  async settle(): Promise<CertificatesOutcome> {
    for (let passes = 0; passes < 20; passes++) {
      const before = JSON.stringify(await this.secrets());
      const outcome = await this.pass();
      await this.readAll();
      if (JSON.stringify(await this.secrets()) === before) return outcome;
    }
    throw new Error('it does not come to rest');
  }

  async readAll(): Promise<void> {
    const { member, client } = await this.secrets();
    if (client !== undefined) this.client.read(client);
    for (const pod of this.pods) if (member !== undefined && !pod.silent) pod.read(member);
  }

  async secrets(): Promise<{ authority?: Secret; member?: Secret; client?: Secret }> {
    const { authoritySecret, memberSecret, clientSecret } = namesOf(this.cluster.metadata.name);
    const [authority, member, client] = await Promise.all(
      [authoritySecret, memberSecret, clientSecret].map((name) => this.secret(name)),
    );
    return {
      ...(authority === undefined ? {} : { authority }),
      ...(member === undefined ? {} : { member }),
      ...(client === undefined ? {} : { client }),
    };
  }

  secret(name: string): Promise<Secret | undefined> {
    const { namespace } = this.cluster.metadata;
    return this.#scene.client.get(RESOURCES.secrets, { namespace, name });
  }

  /** The certificates in a file of a Secret. */
  async certificates(of: 'authority' | 'member' | 'client', file: string): Promise<Certificate[]> {
    return readCertificates(textOf((await this.secrets())[of], file)!);
  }

  /** Changes a Secret by another's hand; null takes a file away. */
  async damage(of: 'authority' | 'member' | 'client', files: Readonly<Record<string, string | null>>) {
    const { metadata } = (await this.secrets())[of]!;
    const data = Object.fromEntries(
      Object.entries(files).map(([file, text]) => [
        file,
        text === null ? null : Buffer.from(text).toString('base64'),
      ]),
    );
    await this.#scene.client.merge(RESOURCES.secrets, metadata, { data });
  }

  annotate(annotations: Readonly<Record<string, string>>): void {
    const { metadata } = this.cluster;
    this.cluster = { ...this.cluster, metadata: { ...metadata, annotations } };
  }

  /** Whoever cannot talk to whom, of all pods and the application. */
  strangers(): string[] {
    const all = [...this.pods, this.client].filter(({ pair }) => pair !== undefined);
    return all.flatMap((one) =>
      all
        .filter((other) => other !== one && !one.trusts(other, this.#nowMs))
        .map(({ name }) => `${one.name} does not trust ${name}`),
    );
  }
}

function factsOf({ name, pair, silent }: Reader): PodTls {
  if (silent || pair === undefined) return { pod: name, tls: undefined };
  const authorities = pair.authorities.map(({ digest }) => digest);
  return { pod: name, tls: { certificate: pair.chain[0]!.digest, authorities } };
}
