import type { SetSettingsRequest, SetSettingsResponse } from '@aegis/proto/v1/cluster';
import type { Error as Failure } from '@aegis/proto/v1/error';

import { errorOf } from '../../errors/index.js';
import { StateType } from '../../raft/index.js';
import {
  checkEnvelope,
  type ConsensusSettings,
  resolveSettings,
  SettingsError,
} from '../../settings/index.js';
import type { Profile } from '../../settings/index.js';
import type { StateMachine } from '../../state/index.js';
import type { Driver } from '../driver/driver.js';
import { type SharedSettings, sharedSettingsOf } from '../driver/shared-settings.js';
import type { Hint } from './operations.js';

export interface SettingsCallParts {
  readonly driver: Driver;
  readonly state: StateMachine;
  /** This member's own settings. */
  readonly facts: { readonly profile: Profile; readonly consensus: ConsensusSettings };
  readonly hint: Hint;
}

/** Changes the settings of the whole cluster, if this replica leads and they are safe beside its own. */
export function setSettings(
  { settings: given }: SetSettingsRequest,
  parts: SettingsCallParts,
  reply: (answer: SetSettingsResponse | { $failed: Failure }) => void,
): void {
  const { driver, state, facts, hint } = parts;
  if (driver.role !== StateType.Leader) {
    reply({ $failed: hint(errorOf('NOT_LEADER', {})) });
    return;
  }
  // What an earlier leader has set must be applied here before it is compared.
  driver.read((unread) => {
    if (unread !== undefined) {
      reply({ $failed: hint(unread) });
      return;
    }
    const wanted = { ...sharedSettingsOf(state), ...named(given) };
    const wrong = judge(wanted, facts, state);
    if (wrong !== undefined) {
      reply({ $failed: wrong });
      return;
    }
    driver.shareSettings(wanted, (changed, failed) =>
      reply(
        failed === undefined ? { settings: sharedSettingsOf(state), changed } : { $failed: hint(failed) },
      ),
    );
  });
}

function named(given: SharedSettings | undefined): Partial<SharedSettings> {
  return Object.fromEntries(Object.entries(given ?? {}).filter(([, value]) => value !== 0));
}

function judge(
  wanted: SharedSettings,
  facts: SettingsCallParts['facts'],
  state: StateMachine,
): Failure | undefined {
  const why = unsafeBeside(wanted, facts, state);
  return why === undefined ? undefined : errorOf('UNSAFE_SETTINGS', { why });
}

/**
 * Why settings of the cluster are not safe beside a member's own: a number out of its bounds, or what the safety envelope says.
 * Those that are 0 are not given yet, and count as the member's.
 */
export function unsafeBeside(
  shared: SharedSettings,
  { profile, consensus }: SettingsCallParts['facts'],
  { membership }: Pick<StateMachine, 'membership'>,
): string | undefined {
  let settings: ConsensusSettings;
  try {
    settings = resolveSettings(profile, { ...consensus, ...named(shared) });
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    return error.problems.map(({ path, message }) => `${path}: ${message.replace(/\.$/, '')}`).join(', ');
  }
  const replicas = membership?.members.length ?? 1;
  const broken = checkEnvelope(settings, { replicas }).findings.filter(
    ({ passed, severity }) => !passed && severity === 'required',
  );
  if (broken.length === 0) return undefined;
  return broken.map(({ id, statement }) => `${statement} (rule ${id})`).join(', ');
}
