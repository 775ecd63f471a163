import type { Step } from '../../members/step.js';
import { deleteVolume } from './delete-volume.js';
import { add, promote, remove, transfer } from './membership.js';
import type { Move, Outcome } from './move.js';
import { record, restoreRecord } from './record.js';
import { restart } from './restart.js';
import { rollBack } from './roll-back.js';
import { scale } from './scale.js';

/** Carries one step out. Undefined: there is nothing to do but to wait, or nothing at all. */
export async function carryOut(move: Move, step: Step): Promise<Outcome | undefined> {
  switch (step.kind) {
    case 'scale':
      return scale(move, step);
    case 'record':
      return record(move, step);
    case 'restore-record':
      return restoreRecord(move);
    case 'add':
      return add(move, step);
    case 'promote':
      return promote(move, step);
    case 'remove':
      return remove(move, step);
    case 'transfer':
      return transfer(move, step);
    case 'restart':
      return restart(move, step);
    case 'delete-volume':
      return deleteVolume(move, step);
    case 'roll-back':
      return rollBack(move, step);
    case 'wait':
    case 'stuck':
    case 'done':
      return undefined;
  }
}
