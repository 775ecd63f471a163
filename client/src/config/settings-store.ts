import {
  isProfile,
  resolveSettings,
  SETTINGS_API_VERSION,
  SETTINGS_KIND,
  SettingsError,
  type ConsensusSettings,
  type Profile,
} from '@aegis/replica/settings';
import { mkdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { writeSynced, type ClusterState } from '../supervisor/cluster-folder.js';
import { SupervisorError } from '../supervisor/errors.js';
import type { MemberSettings } from '../supervisor/supervisor.js';
import { CLUSTER, NAMESPACE } from './config-folder.js';
import type { AppliedChange } from './standing.js';

/** How what runs stands to what is on the branch. */
export interface Condition {
  readonly state: 'InSync' | 'Rolling' | 'Held';
  /** One word. */
  readonly reason: string;
  readonly message: string;
  /** The commit that it is about. */
  readonly commit: string | null;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** What `settings/state.json` holds, for whoever wants to know. */
export interface SettingsState {
  readonly kind: 'aegis-settings';
  readonly version: 1;
  /** In force; while a change is under way, those before it. */
  readonly settings: ConsensusSettings;
  /** Where they came from; null: the defaults of the profile. */
  readonly commit: string | null;
  readonly lastHealthy: ConsensusSettings;
  /** What each member's file says. */
  readonly members: Readonly<Record<string, ConsensusSettings>>;
  readonly condition: Condition;
  /** Settings that kept a member from coming back: they are not tried again. */
  readonly takenBack?: { readonly settings: ConsensusSettings; readonly why: string };
  /** The newest last. */
  readonly changes: readonly (AppliedChange & { readonly by: string })[];
}

const CHANGES_MAX = 50;

/** The settings of a cluster on this machine, in files: one for each member, and what is known of all of them. */
export class SettingsStore implements MemberSettings {
  private known: SettingsState | undefined;

  constructor(private readonly folder: string) {}

  get state(): SettingsState {
    if (this.known === undefined) throw new Error('the settings were not prepared');
    return this.known;
  }

  get statePath(): string {
    return join(this.folder, 'state.json');
  }

  path(member: string): string {
    return join(this.folder, `${member}.yaml`);
  }

  /** Reads what there is, and writes the files that are missing: a new cluster begins with the defaults of its profile. */
  prepare({ profile, members }: Pick<ClusterState, 'profile' | 'members'>): void {
    mkdirSync(this.folder, { recursive: true });
    const own = isProfile(profile) ? profile : 'all';
    const read = this.read(own) ?? firstState(own);
    const settings = members.map(({ name }) => [name, read.members[name] ?? read.settings] as const);
    for (const [name, each] of settings) this.writeMember(name, each);
    this.keep({ ...read, members: Object.fromEntries(settings) });
  }

  /** Gives a member other settings, for its next start. */
  give(name: string, settings: ConsensusSettings): void {
    this.writeMember(name, settings);
    this.keep({ ...this.state, members: { ...this.state.members, [name]: settings } });
  }

  keep(state: SettingsState): void {
    this.known = { ...state, changes: state.changes.slice(-CHANGES_MAX) };
    replace(this.statePath, `${JSON.stringify(this.known, null, 2)}\n`);
  }

  private writeMember(name: string, settings: ConsensusSettings): void {
    const document = {
      apiVersion: SETTINGS_API_VERSION,
      kind: SETTINGS_KIND,
      metadata: { name: CLUSTER, namespace: NAMESPACE },
      spec: { consensus: settings },
    };
    const head = '# Written by aegis up. Settings are changed in the folder config: commit and push there.';
    replace(this.path(name), `${head}\n${stringify(document)}`);
  }

  private read(profile: Profile): SettingsState | undefined {
    let text: string;
    try {
      text = readFileSync(this.statePath, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
    try {
      const state = JSON.parse(text) as SettingsState;
      if (state.kind !== 'aegis-settings' || state.version !== 1) throw new SettingsError([]);
      // Settings that are newer than the file have their defaults.
      const whole = (each: Partial<ConsensusSettings>) => resolveSettings(profile, each);
      const members = Object.entries(state.members).map(([name, each]) => [name, whole(each)]);
      return {
        ...state,
        settings: whole(state.settings),
        lastHealthy: whole(state.lastHealthy),
        members: Object.fromEntries(members) as Record<string, ConsensusSettings>,
      };
    } catch (error) {
      throw new SupervisorError(
        `${this.statePath} was not written by this version of aegis: move the folder ${this.folder} away to begin from the defaults`,
        { cause: error },
      );
    }
  }
}

/** How the settings of a cluster on this machine stand, in one line; undefined: nobody follows a repository there. */
export function conditionLine(folder: string): string | undefined {
  let state: Partial<SettingsState>;
  try {
    state = JSON.parse(readFileSync(join(folder, 'state.json'), 'utf8')) as Partial<SettingsState>;
  } catch {
    return undefined;
  }
  const { condition, commit } = state;
  if (condition === undefined) return undefined;
  const from = typeof commit === 'string' ? `commit ${commit.slice(0, 12)}` : 'the defaults';
  if (condition.state === 'InSync') return `in force: ${from} of the branch main`;
  const about = condition.commit === null ? '' : ` commit ${condition.commit.slice(0, 12)}`;
  const what = condition.state === 'Rolling' ? 'being applied:' : 'not applied:';
  return `in force: ${from}; ${what}${about}, ${condition.reason}: ${condition.message}`;
}

function firstState(profile: Profile): SettingsState {
  const settings = resolveSettings(profile);
  const message = 'the defaults of the profile';
  return {
    kind: 'aegis-settings',
    version: 1,
    settings,
    commit: null,
    lastHealthy: settings,
    members: {},
    condition: { state: 'InSync', reason: 'Defaults', message, commit: null, at: Date.now() },
    changes: [],
  };
}

function replace(path: string, text: string): void {
  writeSynced(`${path}.new`, text, 'w');
  renameSync(`${path}.new`, path);
}
