import type { Result, SetAlarm } from '@aegis/proto/replica/command';
import { AlarmKind } from '@aegis/proto/v1/alarm';
import { failed } from '../envelope/failed.js';
import { errorOf } from '../../errors/index.js';
import type { State } from '../state.js';

/** QUOTA is not among them: that one follows from the puts themselves. */
export function setAlarm(state: State, { alarm, raised }: SetAlarm): Result {
  const kind = alarm?.kind ?? AlarmKind.UNSPECIFIED;
  if (alarm === undefined || (kind !== AlarmKind.NO_SPACE && kind !== AlarmKind.CORRUPT)) {
    return failed(
      errorOf('INVALID_ARGUMENT', { field: 'alarm.kind', value: kind, expected: 'NO_SPACE or CORRUPT' }),
    );
  }
  if (!raised) {
    state.alarms.clear(alarm);
  } else if (state.members.has(alarm.memberId)) {
    state.alarms.raise(alarm);
  } else {
    return failed(errorOf('MEMBER_NOT_FOUND', { member: alarm.memberId }));
  }
  return { result: { $case: 'done', value: {} } };
}
