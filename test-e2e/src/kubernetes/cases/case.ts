import type { Helm } from '../helm.js';
import type { Kubectl } from '../kubectl.js';
import type { Kubernetes } from '../kubernetes.js';

/** What a case has to work with. */
export interface Stage {
  readonly kubectl: Kubectl;
  readonly helm: Helm;
  /** The reference under which the cluster has the image of AEGIS. */
  readonly image: string;
  /** The cluster that was started for the tests; absent when they were given one. */
  readonly own: Kubernetes | undefined;
  /** A namespace of the case's own, where pods must keep to the restricted standard. It is removed after the case. */
  readonly namespace: string;
  /** Says a figure or a finding, which is printed below the case. */
  readonly note: (what: string) => void;
}

/** One thing that holds on a real Kubernetes, named after what it shows. */
export interface Case {
  readonly name: string;
  /** It mostly waits, and measures no gaps: those that follow each other run beside each other. */
  readonly waits?: true;
  /** Why it does not apply on this stage; absent, or undefined: it does. */
  skip?(stage: Stage): string | undefined;
  /** Throws with what was seen instead. */
  run(stage: Stage): Promise<void>;
}

export function expect(holds: boolean, otherwise: string): asserts holds {
  if (!holds) throw new Error(otherwise);
}
