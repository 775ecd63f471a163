import { StatusResponse } from '@aegis/proto/v1/cluster';
import { expect, test } from '@jest/globals';
import type { Cluster } from '../cluster/cluster.js';
import { collectStatus, type KnownMember } from './collect.js';

const place = (id: number, name: string): KnownMember => ({
  id,
  name,
  clientAddress: `127.0.0.1:44${id}0`,
  metricsAddress: `127.0.0.1:44${id}2`,
  pid: 100 + id,
});

const says = (memberId: number, term: number, appliedIndex: number, members: KnownMember[]): StatusResponse =>
  StatusResponse.fromPartial({ memberId, pid: 70 + memberId, term, appliedIndex, leaderId: 1, members });

/** A cluster whose replicas answer thus. */
const answering = (...statuses: StatusResponse[]) =>
  ({
    statuses: async () => statuses.map((status) => ({ endpoint: `of ${status.memberId}`, status })),
  }) as unknown as Cluster;

const idsOf = async (cluster: Cluster, known: KnownMember[]) =>
  (await collectStatus(cluster, known)).members.map(({ id }) => id);

test('a replaced member is listed once, under its new id, with the process of its place', async () => {
  const members = [place(1, 'one'), place(4, 'two')];
  const { members: shown } = await collectStatus(answering(says(1, 3, 9, members)), [
    place(1, 'one'),
    place(2, 'two'),
  ]);
  expect(shown.map(({ id, pid, healthy }) => ({ id, pid, healthy }))).toEqual([
    { id: 1, pid: 71, healthy: true },
    { id: 4, pid: 102, healthy: false },
  ]);
});

test('a place that has no member now is listed, and so is everybody when nobody answers', async () => {
  const known = [place(1, 'one'), place(2, 'two')];
  expect(await idsOf(answering(says(1, 3, 9, [place(1, 'one')])), known)).toEqual([1, 2]);
  expect(await idsOf(answering(), known)).toEqual([1, 2]);
});

test('the members are those that the newest answer tells', async () => {
  const before = says(1, 3, 8, [place(1, 'one'), place(2, 'two')]);
  const after = says(3, 3, 9, [place(1, 'one'), place(3, 'two')]);
  expect(await idsOf(answering(before, after), [])).toEqual([1, 3]);
  expect(await idsOf(answering(after, before), [])).toEqual([1, 3]);
});
