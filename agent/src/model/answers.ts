import * as z from 'zod';
import type { Facts } from './facts.js';
import { textProblems } from './words.js';

const RATIONALE_CHARACTERS_MAX = 1_500;
const SUMMARY_CHARACTERS_MAX = 2_500;
const LESSON_CHARACTERS_MAX = 300;
const ANSWER_CHARACTERS_MAX = 16 * 1024;

const rankShape = z.strictObject({
  causes: z
    .array(z.strictObject({ id: z.string().max(8), evidence: z.array(z.string().max(8)).max(24) }))
    .max(5),
  rationale: z.string(),
  runbooks: z.array(z.string().max(100)).max(3),
});
const narrateShape = z.strictObject({ summary: z.string(), lessons: z.array(z.string()).max(3) });

export type RankAnswer = z.infer<typeof rankShape>;
export type NarrateAnswer = z.infer<typeof narrateShape>;

/** What is wanted of an answer: its form, and what has to hold of what it says. */
export interface Wanted<T> {
  readonly name: string;
  readonly schema: Readonly<Record<string, unknown>>;
  read(text: string): Read<T>;
}

export type Read<T> = { readonly answer: T } | { readonly problems: readonly string[] };

export function rankAnswer(facts: Facts): Wanted<RankAnswer> {
  return wanted('ranked_causes', rankShape, ({ causes, rationale, runbooks }) => {
    const known = new Set(facts.causes.map(({ id }) => id));
    const evidence = new Set(facts.evidence.map(({ id }) => id));
    const notes = new Set(facts.runbooks.map(({ id }) => id));
    const ids = causes.map(({ id }) => id);
    return [
      ...(causes.length === 0 ? ['causes: at least one is wanted'] : []),
      ...ids.filter((id) => !known.has(id)).map((id) => `causes: ${quoted(id)} does not exist`),
      ...(new Set(ids).size < ids.length ? ['causes: one stands twice'] : []),
      ...causes.flatMap((cause) => [
        ...(cause.evidence.length === 0 ? [`causes: ${quoted(cause.id)} has no evidence`] : []),
        ...cause.evidence
          .filter((id) => !evidence.has(id))
          .map((id) => `evidence: ${quoted(id)} does not exist`),
      ]),
      ...runbooks.filter((id) => !notes.has(id)).map((id) => `runbooks: ${quoted(id)} was not given`),
      ...textProblems(rationale, facts, RATIONALE_CHARACTERS_MAX).map((problem) => `rationale: ${problem}`),
    ];
  });
}

export function narrateAnswer(facts: Facts): Wanted<NarrateAnswer> {
  return wanted('postmortem', narrateShape, ({ summary, lessons }) => [
    ...textProblems(summary, facts, SUMMARY_CHARACTERS_MAX).map((problem) => `summary: ${problem}`),
    ...lessons.flatMap((lesson) =>
      textProblems(lesson, facts, LESSON_CHARACTERS_MAX).map((problem) => `lessons: ${problem}`),
    ),
  ]);
}

function wanted<T>(
  name: string,
  shape: z.ZodType<T>,
  problemsOf: (answer: T) => readonly string[],
): Wanted<T> {
  const { $schema: _, ...schema } = z.toJSONSchema(shape, {
    // Servers refuse bounds that they do not know; here they are checked anyway.
    override: ({ jsonSchema }) => {
      delete jsonSchema.maxItems;
      delete jsonSchema.maxLength;
    },
  });
  return {
    name,
    schema,
    read(text) {
      if (text.length > ANSWER_CHARACTERS_MAX)
        return { problems: [`the answer has more than ${ANSWER_CHARACTERS_MAX} characters`] };
      let given: unknown;
      try {
        given = JSON.parse(unfenced(text));
      } catch {
        return { problems: ['the answer is not one JSON object'] };
      }
      const read = shape.safeParse(given);
      if (!read.success)
        return {
          problems: read.error.issues.map(({ path, message }) => `${path.join('.') || 'answer'}: ${message}`),
        };
      const problems = problemsOf(read.data);
      return problems.length === 0 ? { answer: read.data } : { problems };
    },
  };
}

/** Many models put JSON into a block of code, whatever they are told. */
function unfenced(text: string): string {
  return /^\s*```(?:json)?\s*\n([\s\S]*?)\n\s*```\s*$/.exec(text)?.[1] ?? text;
}

function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 100));
}
