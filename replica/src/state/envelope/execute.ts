import { Result } from '@aegis/proto/replica/command';
import { setAlarm } from '../alarms/commands.js';
import { refuseGrowth } from '../alarms/growth.js';
import { campaign, proclaim, resign } from '../election/commands.js';
import { expire } from '../expiry/commands.js';
import { kvCompact, kvDeleteRange, kvPut, kvTxn, setKvQuota } from '../kv/commands.js';
import { sweep } from '../kv/compaction.js';
import { grant, keepAlive, revoke, setLeaseSettings } from '../lease/commands.js';
import { acquire, release } from '../lock/commands.js';
import { encoded } from '../rows/encode.js';
import { admit, remember } from '../session/at-most-once.js';
import { setClusterVersion } from '../version-command.js';
import { refusedAsCorrupt } from '../alarms/corrupt.js';
import type { State } from '../state.js';
import type { KnownBatch, KnownCommand } from './decode.js';

const DONE: Result = { result: { $case: 'done', value: {} } };

/** Lease time moves on by the batch's stamp, then its commands take effect one after the other. */
export function executeBatch(state: State, term: number, batch: KnownBatch): Result[] {
  state.clock.stamp(term, batch.stampMs);
  const results = batch.commands.map((command, position) => {
    state.position = position;
    return executeOnce(state, command);
  });
  sweep(state.kv, results.length);
  state.kv.seal();
  return results;
}

function executeOnce(state: State, command: KnownCommand): Result {
  const { call } = command;
  if (call === undefined) {
    const result = refusedAsCorrupt(state, command) ?? execute(state, command.op);
    state.record.result(encoded(Result, result));
    return result;
  }
  const admission = admit(state, call);
  if ('answer' in admission) {
    state.record.result(encoded(Result, admission.answer));
    return admission.answer;
  }
  const { session } = admission;
  const result = refusedAsCorrupt(state, command) ?? execute(state, command.op);
  const bytes = encoded(Result, result);
  // A command can end the very session that it was called in.
  if (session.ended) state.record.result(bytes);
  else remember(state, session, call, result, bytes);
  return result;
}

function execute(state: State, op: KnownCommand['op']): Result {
  switch (op.$case) {
    case 'leaseGrant':
      return grant(state, op.value);
    case 'leaseKeepAlive':
      return keepAlive(state, op.value);
    case 'leaseRevoke':
      return revoke(state, op.value);
    case 'lockAcquire':
      return acquire(state, op.value);
    case 'lockRelease':
      return release(state, op.value);
    case 'campaign':
      return campaign(state, op.value);
    case 'proclaim':
      return proclaim(state, op.value);
    case 'resign':
      return resign(state, op.value);
    case 'advance':
      return DONE;
    case 'scrub':
      state.scrub = true;
      return DONE;
    case 'expire':
      return expire(state, op.value);
    case 'setLeaseSettings':
      return setLeaseSettings(state, op.value);
    case 'setAlarm':
      return setAlarm(state, op.value);
    case 'setClusterVersion':
      return setClusterVersion(state, op.value);
    case 'refuseGrowth':
      return refuseGrowth(state);
    case 'kvPut':
      return kvPut(state, op.value);
    case 'kvDeleteRange':
      return kvDeleteRange(state, op.value);
    case 'kvTxn':
      return kvTxn(state, op.value);
    case 'kvCompact':
      return kvCompact(state, op.value);
    case 'setKvQuota':
      return setKvQuota(state, op.value);
  }
}
