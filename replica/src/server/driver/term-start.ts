import type { Command } from '@aegis/proto/replica/command';

import type { StateMachine } from '../../state/index.js';
import { firstSettings, type SharedSettings } from './shared-settings.js';

/** With what a leader begins its term: lease time goes on at once (rule 2), and a new state gets its first settings. */
export function commandsOfNewTerm(settings: SharedSettings, state: StateMachine): Command[] {
  return [{ call: undefined, op: { $case: 'advance', value: {} } }, ...firstSettings(settings, state)];
}
