import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Label, Rejection } from '../labels/index.js';
import { templates } from '../schedule/index.js';
import { nextOf, type SetPlan } from './record-set.js';
import { SetFolder } from './set-folder.js';

const plan: SetPlan = { seed: 11, incidents: 4, controls: 2, guarded: true, templates: templates() };

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'aegis-set-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function label(
  id: string,
  { template, seed, control, heldOut }: NonNullable<ReturnType<typeof nextOf>>['planned'],
): Label {
  const incident = control === null;
  return {
    id,
    control,
    template,
    seed,
    heldOut,
    confounded: false,
    classes: incident ? ['DiskStall'] : [],
    cause: incident ? { fault: 'disk-slow', at: ['cluster'] } : null,
    path: null,
    injectedMs: incident ? 1 : null,
    endedMs: incident ? 2 : null,
  };
}

test('a set that is gone on with after every case is the one that is recorded at once', () => {
  const record = (again: boolean): Label[] => {
    const path = join(folder, String(again));
    let set = new SetFolder(path, 'set', plan.seed, true);
    for (let nth = 0; ; nth++) {
      if (again) set = new SetFolder(path, 'set', plan.seed, true);
      const next = nextOf(plan, set.labels);
      if (next === undefined) return [...set.labels.cases];
      set.add(label(`case-${nth}`, next.planned), 'text');
    }
  };
  const cases = record(true);
  expect(cases).toEqual(record(false));
  expect(cases.filter(({ control }) => control !== null)).toHaveLength(2);
  expect(cases).toHaveLength(6);
});

test('noise is tried again with the same case, what says something of the case is not', () => {
  const { planned } = nextOf(plan, { cases: [], rejections: [] })!;
  const { template, seed, control } = planned;
  const rejected = (reason: Rejection['reason'], times: number): Rejection[] =>
    Array.from({ length: times }, () => ({ template, seed, control, reason, detail: '' }));
  const next = (rejections: Rejection[]) => nextOf(plan, { cases: [], rejections })!;
  expect(next(rejected('noise', 1))).toEqual({ planned, tries: 1 });
  expect(next(rejected('noise', 8)).planned.seed).not.toBe(seed);
  expect(next(rejected('near-bound', 1)).planned.seed).not.toBe(seed);
  expect(next(rejected('near-bound', 1)).planned.control === null).toBe(control === null);
});

test('a set is not gone on with from another seed, or with other rules', () => {
  const { planned } = nextOf(plan, { cases: [], rejections: [] })!;
  new SetFolder(folder, 'set', plan.seed, true).add(label('case-0', planned), 'text');
  expect(() => new SetFolder(folder, 'set', 12, true)).toThrow(/drawn from seed 11/);
  expect(() => new SetFolder(folder, 'set', plan.seed, false)).toThrow(/ANY_NOISE/);
});
