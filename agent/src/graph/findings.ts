import { classify, type Classification } from '../classify/index.js';
import { windowOf, type Recording, type Window } from '../telemetry/index.js';

/** What a recording shows, worked out when it is first asked for: a life that goes on from the evidence may not ask at all. */
export class Findings {
  #window: Window | undefined;
  #classification: Classification | undefined;

  constructor(private readonly recording: Recording) {}

  get window(): Window {
    return (this.#window ??= windowOf(this.recording));
  }

  get classification(): Classification {
    return (this.#classification ??= classify(this.window));
  }
}

const known = new WeakMap<Recording, Findings>();

/** Every step that asks about a recording is given the same, for as long as the recording is kept. */
export function findingsOf(recording: Recording): Findings {
  let findings = known.get(recording);
  if (findings === undefined) known.set(recording, (findings = new Findings(recording)));
  return findings;
}
