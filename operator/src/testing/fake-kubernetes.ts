import type { StatusResponse } from '@aegis/proto/v1/cluster';
import { UnavailableError } from '@aegis/client';
import { randomBytes } from 'node:crypto';
import { namesOf } from '../build/names.js';
import { RECORD_FILE } from '../build/record.js';
import { ordinalOf, type Pod } from '../observe/look.js';
import type { MemberAddress, MembersPort, Said } from '../observe/members-port.js';
import type { StatefulSet } from '../reconcile/stateful-set.js';
import type { TestApiServer } from './api-server.js';
import type { StoredObject } from './objects.js';

const SETS = 'apps/statefulsets';
const PODS = '/pods';
const CLAIMS = '/persistentvolumeclaims';
const MAPS = '/configmaps';

interface Folder {
  nonce: string;
  memberId: number | undefined;
}

export interface FakeMember {
  readonly id: number;
  readonly name: string;
  readonly nonce: string;
  state: 'voter' | 'learner';
  /** Looks until it has caught up. */
  behind: number;
}

/**
 * What stands between an operator and its members, as far as tests need it: the StatefulSet's controller, the kubelet, volumes, and
 * one cluster of members that keeps the guards of a real one. It moves on by `turn` alone.
 */
export class FakeKubernetes implements Partial<MembersPort> {
  readonly #server: TestApiServer;
  readonly #namespace: string;
  readonly #cluster: string;
  /** By the volume claim's uid: another claim is an empty folder. */
  readonly #folders = new Map<string, Folder>();
  readonly #ips = new Map<string, string>();
  readonly #removedNonces = new Set<string>();
  #nextId = 1;
  #nextIp = 1;
  #term = 1;
  members: FakeMember[] = [];
  leader: number | undefined;
  /** Pods that use this ConfigMap of settings never become ready. */
  badSettings: string | undefined;
  /** The fewest voters that were active at once, beside how many they were. */
  readonly quorumLost: string[] = [];

  constructor(server: TestApiServer, namespace: string, cluster: string) {
    this.#server = server;
    this.#namespace = namespace;
    this.#cluster = cluster;
  }

  /** Of the StatefulSet. */
  get pods(): Pod[] {
    const { pod } = namesOf(this.#cluster);
    return this.#list(PODS).filter(({ metadata }) => ordinalOf(pod, metadata.name) !== undefined);
  }

  get claims(): string[] {
    return this.#list(CLAIMS).map(({ metadata }) => metadata.name);
  }

  get voters(): FakeMember[] {
    return this.members.filter(({ state }) => state === 'voter');
  }

  loseVolume(ordinal: number): void {
    const { pod, volumeClaim } = namesOf(this.#cluster);
    this.#delete(CLAIMS, volumeClaim(ordinal));
    this.#delete(PODS, pod(ordinal));
  }

  /** Controllers, kubelets and members each do their next bit. */
  turn(): void {
    for (const set of this.#list(SETS)) this.#control(set);
    for (const pod of this.pods) this.#run(pod);
    this.#elect();
    for (const member of this.members) if (this.#active(member) && member.behind > 0) member.behind--;
  }

  member(ip: string): Promise<Said> {
    const pod = this.#podAt(ip);
    const folder = pod === undefined ? undefined : this.#folderOf(pod);
    if (folder === undefined) return Promise.reject(new Error(`${ip} does not answer`));
    const record = this.#record();
    const { nonce, memberId } = folder;
    const clusterId = record?.clusterId ?? null;
    if (memberId !== undefined)
      return Promise.resolve({ state: 'member', nonce, clusterId, memberId, tls: null });
    const state = record === undefined ? 'empty' : 'joining';
    return Promise.resolve({ state, nonce, clusterId, memberId: null, tls: null });
  }

  unready(ip: string): Promise<string | undefined> {
    const pod = this.#podAt(ip);
    if (pod === undefined) return Promise.reject(new Error(`${ip} does not answer`));
    return Promise.resolve(this.#ready(pod) ? undefined : 'not caught up');
  }

  status({ ip }: MemberAddress): Promise<StatusResponse> {
    const pod = this.#podAt(ip);
    const id = pod === undefined ? undefined : this.#folderOf(pod)?.memberId;
    const own = this.members.find((member) => member.id === id);
    if (own === undefined) return Promise.reject(unavailable(`${ip} does not serve`));
    const leads = own.id === this.leader;
    const members = this.members.map((member) => ({
      id: member.id,
      name: member.name,
      nonce: member.nonce,
      state: member.state,
      learner: member.state === 'learner',
      matchIndex: member.behind === 0 ? 100 : 0,
      recentlyActive: this.#active(member),
    }));
    const status = {
      memberId: own.id,
      role: leads ? 'leader' : 'follower',
      term: this.#term,
      lastIndex: 100,
      version: '1.0.0',
      members,
    };
    return Promise.resolve(status as unknown as StatusResponse);
  }

  add(_: MemberAddress, __: unknown, { nonce, name }: { nonce: string; name: string }) {
    const there = this.members.find((member) => member.nonce === nonce);
    if (there === undefined) {
      if (this.#removedNonces.has(nonce)) return Promise.reject(unavailable('the folder was removed'));
      if (this.members.some((member) => member.name === name)) throw new Error(`${name} is added twice`);
      this.members.push({ id: this.#nextId++, name, nonce, state: 'learner', behind: 2 });
    }
    const memberId = this.members.find((member) => member.nonce === nonce)!.id;
    return Promise.resolve({ memberId, members: [] });
  }

  promote(_: MemberAddress, __: unknown, id: number): Promise<void> {
    const member = this.members.find((each) => each.id === id);
    if (member === undefined || member.behind > 0 || !this.#active(member))
      return Promise.reject(unavailable(`member ${id} is behind`));
    member.state = 'voter';
    return Promise.resolve();
  }

  remove(_: MemberAddress, __: unknown, id: number): Promise<void> {
    const member = this.members.find((each) => each.id === id);
    if (member === undefined) return Promise.resolve();
    if (id === this.leader) throw new Error('the leader is removed by its own hand');
    const rest = this.voters.filter((each) => each.id !== id);
    if (rest.filter((each) => this.#active(each)).length <= rest.length / 2)
      return Promise.reject(unavailable('too few would be left'));
    this.members = this.members.filter((each) => each.id !== id);
    this.#removedNonces.add(member.nonce);
    return Promise.resolve();
  }

  transfer(_: MemberAddress, __: unknown, to: number): Promise<void> {
    const member = this.voters.find(({ id }) => id === to);
    if (member === undefined || !this.#active(member))
      return Promise.reject(unavailable('it does not answer'));
    this.leader = to;
    this.#term++;
    return Promise.resolve();
  }

  #control(set: StatefulSet): void {
    const { metadata, spec } = set;
    const replicas = spec?.replicas ?? 1;
    const names = namesOf(this.#cluster);
    const { storage } = this.#server;
    for (let ordinal = 0; ordinal < replicas; ordinal++) {
      const claim = { namespace: this.#namespace, name: names.volumeClaim(ordinal) };
      const [template] = spec!.volumeClaimTemplates!;
      if (storage.get(CLAIMS, claim) === undefined) {
        const made = { ...template, metadata: { ...claim, labels: template!.metadata?.labels } };
        storage.put(CLAIMS, made as StoredObject);
      }
      const pod = { namespace: this.#namespace, name: names.pod(ordinal) };
      if (storage.get(PODS, pod) !== undefined) continue;
      const made = {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { ...spec!.template.metadata, ...pod },
        spec: spec!.template.spec,
      };
      storage.put(PODS, made);
    }
    for (const pod of this.pods)
      if ((ordinalOf(names.pod, pod.metadata.name) ?? 0) >= replicas) this.#delete(PODS, pod.metadata.name);
    const status = { replicas, observedGeneration: metadata.generation };
    storage.put(SETS, { ...(set as unknown as StoredObject), status });
  }

  /** The kubelet starts it, and what runs in it finds out which member it is. */
  #run(pod: Pod): void {
    const { uid } = pod.metadata;
    if (!this.#ips.has(uid!)) {
      const ip = `10.0.0.${this.#nextIp++}`;
      this.#ips.set(uid!, ip);
      const startedAt = new Date().toISOString();
      const containerStatuses = [{ restartCount: 0, state: { running: { startedAt } } }];
      const status = { phase: 'Running', podIP: ip, startTime: startedAt, containerStatuses };
      this.#server.storage.put(PODS, { ...(pod as unknown as StoredObject), status });
      const id = this.#folderOf(pod)?.memberId;
      const member = this.members.find((each) => each.id === id);
      if (member !== undefined) member.behind = 1;
      return;
    }
    const record = this.#record();
    const folder = this.#folderOf(pod);
    if (record === undefined || folder === undefined) return;
    if (this.members.length === 0 && this.#nextId === 1) this.#begin(record);
    if (this.#removedNonces.has(folder.nonce)) {
      folder.nonce = drawNonce();
      folder.memberId = undefined;
    }
    folder.memberId ??= this.members.find(({ nonce }) => nonce === folder.nonce)?.id;
  }

  #begin({ members }: { members: readonly { id: number; nonce: string; name: string }[] }): void {
    this.members = members.map(({ id, nonce, name }) => ({ id, nonce, name, state: 'voter', behind: 0 }));
    this.#nextId = members.length + 1;
  }

  #elect(): void {
    const active = this.voters.filter((member) => this.#active(member));
    if (active.length <= this.voters.length / 2) {
      if (this.leader !== undefined && this.voters.length > 1)
        this.quorumLost.push(`${active.length} of ${this.voters.length}`);
      this.leader = undefined;
    } else if (!active.some(({ id }) => id === this.leader)) {
      this.leader = active[0]!.id;
      this.#term++;
    }
  }

  #active({ id, name }: FakeMember): boolean {
    const pod = this.pods.find(({ metadata }) => metadata.name === name);
    return pod?.status?.podIP !== undefined && this.#folderOf(pod)?.memberId === id;
  }

  #ready(pod: Pod): boolean {
    const settings = pod.spec?.volumes?.find(({ name }) => name === 'settings')?.configMap?.name;
    const id = this.#folderOf(pod)?.memberId;
    const member = this.members.find((each) => each.id === id);
    return this.leader !== undefined && member?.behind === 0 && settings !== this.badSettings;
  }

  #podAt(ip: string): Pod | undefined {
    return this.pods.find(
      ({ metadata, status }) => status?.podIP === ip && this.#ips.get(metadata.uid!) === ip,
    );
  }

  /** What the folder in the volume of a place has drawn; undefined: there is no volume. */
  nonceIn(ordinal: number): string | undefined {
    return this.#folderIn(ordinal)?.nonce;
  }

  #folderOf({ metadata }: Pod): Folder | undefined {
    const ordinal = ordinalOf(namesOf(this.#cluster).pod, metadata.name);
    return ordinal === undefined ? undefined : this.#folderIn(ordinal);
  }

  #folderIn(ordinal: number): Folder | undefined {
    const name = namesOf(this.#cluster).volumeClaim(ordinal);
    const claim = this.#server.storage.get(CLAIMS, { namespace: this.#namespace, name });
    if (claim === undefined) return undefined;
    const { uid } = claim.metadata;
    let folder = this.#folders.get(uid!);
    if (folder === undefined) {
      folder = { nonce: drawNonce(), memberId: undefined };
      this.#folders.set(uid!, folder);
    }
    return folder;
  }

  #record() {
    const name = namesOf(this.#cluster).record;
    const map = this.#server.storage.get(MAPS, { namespace: this.#namespace, name });
    if (map === undefined) return undefined;
    const text = (map as unknown as { data: Record<string, string> }).data[RECORD_FILE]!;
    return JSON.parse(text) as { clusterId: string; members: { id: number; nonce: string; name: string }[] };
  }

  #list(collection: string): StoredObject[] {
    return this.#server.storage
      .list(collection)
      .filter(({ metadata }) => metadata.namespace === this.#namespace);
  }

  #delete(collection: string, name: string): void {
    this.#server.storage.delete(collection, { namespace: this.#namespace, name });
  }
}

function drawNonce(): string {
  return randomBytes(16).toString('hex');
}

function unavailable(message: string): UnavailableError {
  return new UnavailableError('UNAVAILABLE', message, { retryable: true, definite: true });
}
