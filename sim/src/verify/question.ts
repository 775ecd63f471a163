import type { Surroundings } from '@aegis/agent/counterfactual';
import type { IncidentClass } from '@aegis/agent/diagnose';
import type { Trace } from '@aegis/client/chaos';
import type { ConsensusSettings, Patch, Profile } from '@aegis/replica/settings';

/** What is to be verified. All of it is data: the same question has the same answer, byte for byte. */
export interface Question {
  readonly class: IncidentClass;
  readonly replicas: number;
  readonly profile: Profile;
  /** What the cluster runs. */
  readonly base: ConsensusSettings;
  /** Of several the best is chosen first, on seeds of their own. */
  readonly candidates: readonly Patch[];
  readonly trace: Trace;
  /** Undefined: those of the simulator, a sound disk and a sound network in one place. */
  readonly surroundings: Surroundings | undefined;
  /** The class's primary signal as it was measured in the incident. Undefined: the trace is all that is known of it. */
  readonly observed: number | undefined;
  /** As the incident was scraped, so that windows tell the same of it. */
  readonly scrapeMs: number;
  /** What was seen in the incident and is not replayed, for people. */
  readonly missing: readonly string[];
  readonly seed: number;
}

export interface Problem {
  readonly path: string;
  readonly message: string;
}

/** The input cannot be used. Lists everything that is wrong, not only the first. */
export class QuestionError extends Error {
  override readonly name = 'QuestionError';

  constructor(
    readonly source: string,
    readonly problems: readonly Problem[],
  ) {
    const lines = problems.map(({ path, message }) => `  ${path === '' ? '' : `${path}: `}${message}`);
    super(`${source} cannot be verified\n${lines.join('\n')}`);
  }
}
