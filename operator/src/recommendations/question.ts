import type { AegisCluster, TuningRecommendation } from '@aegis/crds';
import { resolveSettings } from '@aegis/replica/settings';

/** The ConfigMap that carries it, with room for its metadata, within what the API server takes. */
export const QUESTION_BYTES_MAX = 512 * 1024;

/** Why a recommendation cannot be verified as it is, as its reason and a sentence. */
export interface Refusal {
  readonly reason: string;
  readonly message: string;
}

/**
 * Whether a question is about just this recommendation. The agent wrote both, and only the recommendation itself was held against the
 * envelope and is what people merge: one that asks about another patch would have that one's result. What else is in it the verifier reads.
 * Undefined: it is.
 */
export function refuseQuestion(
  { spec }: TuningRecommendation,
  cluster: AegisCluster | undefined,
): Refusal | undefined {
  const { question = '', clusterRef, base, patch, replicas } = spec;
  if (cluster === undefined)
    return {
      reason: 'ClusterNotFound',
      message: `there is no AegisCluster ${clusterRef.name} in this namespace: nothing can be tuned`,
    };
  const bytes = Buffer.byteLength(question);
  if (bytes > QUESTION_BYTES_MAX)
    return invalid(`it has ${bytes} bytes, and at most ${QUESTION_BYTES_MAX} are taken`);
  let asked: unknown;
  try {
    asked = JSON.parse(question);
  } catch (error) {
    return invalid(`it is no JSON: ${(error as Error).message}`);
  }
  if (typeof asked !== 'object' || asked === null || Array.isArray(asked)) return invalid('it is no mapping');
  const { profile } = cluster.spec;
  const given = asked as Readonly<Record<string, unknown>>;
  const wanted = { base, patch, replicas, profile };
  for (const [name, value] of Object.entries(wanted)) {
    const said = name === 'base' ? whole(profile, given['base']) : given[name];
    if (!same(said, value))
      return {
        reason: 'QuestionDiffers',
        message: `spec.question asks about another ${name} than spec says`,
      };
  }
  // The best of several would be somebody's choice after the fact.
  if (given['candidates'] !== undefined) return invalid('it has candidates: just the patch is verified');
  return undefined;
}

/** With the defaults of the profile, as the verifier completes it. What is none stays as it is. */
function whole(profile: AegisCluster['spec']['profile'], base: unknown): unknown {
  if (typeof base !== 'object' || base === null) return base;
  return { ...resolveSettings(profile), ...base };
}

function same(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || a === null || typeof b !== 'object' || b === null) return a === b;
  const [x, y] = [a, b] as readonly Readonly<Record<string, unknown>>[];
  const names = Object.keys(x!);
  return names.length === Object.keys(y!).length && names.every((name) => x![name] === y![name]);
}

function invalid(what: string): Refusal {
  return { reason: 'QuestionInvalid', message: `spec.question cannot be verified: ${what}` };
}
