import type { Message } from './endpoint.js';
import type { Facts } from './facts.js';

/** How an incident ended, in words of our own. */
export interface Ending {
  readonly became: 'advice' | 'refused' | 'held' | 'rejected' | 'published';
  readonly verification: 'Improves' | 'NoDifference' | 'Harm' | 'CannotReproduce' | 'NotRun';
  /** The fault that the proposal or the advice is about. */
  readonly fault: string | undefined;
}

const RULES = `Rules for every text:
- Plain English sentences. No lists, markup, code, links or commands.
- Say replicas and links by their ids (r1, r1-to-r2), evidence by its id (e1).
- Write no number, in digits or in words, that is not a number of the evidence, in its unit. Convert and compute nothing. Numbers of runbooks are not evidence.
- Name no class of incident but those given, and no setting.
Answer with one JSON object and nothing else.`;

const RANK = `You help to explain an incident of a coordination service that uses Raft. Classes were found by measurement and are not yours to change.
Given are signals as evidence, candidate causes in the order of a baseline, and notes about earlier incidents. The alarm often rings on the victim: a cause lies in a layer below what it makes late, and began no later.
Order the candidates from the most to the least likely, at most five. Each needs evidence that speaks for it, by id. Then say in a few sentences why.
${RULES}
Shape: {"causes": [{"id": "c1", "evidence": ["e1"]}], "rationale": "…", "runbooks": ["id of a runbook that fits"]}`;

const NARRATE = `You write the summary of a postmortem of an incident of a coordination service that uses Raft, for the people who run it. Classes and causes were found by measurement and are not yours to change; the causes stand in the order that counts.
Say what was seen in order of time, what was at fault and why that is believed, and what was done. Then lessons, each one sentence, at most three.
${RULES}
Shape: {"summary": "…", "lessons": ["…"]}`;

export function rankPrompt(facts: Facts): readonly Message[] {
  return [
    { role: 'system', content: RANK },
    { role: 'user', content: JSON.stringify(facts, undefined, 1) },
  ];
}

export function narratePrompt(facts: Facts, ending: Ending): readonly Message[] {
  const { became, verification, fault } = ending;
  return [
    { role: 'system', content: NARRATE },
    {
      role: 'user',
      content: JSON.stringify(
        { ...facts, ending: { became, verification, fault: fault ?? null } },
        undefined,
        1,
      ),
    },
  ];
}

const PROBLEMS_MAX = 10;
const ANSWER_CHARACTERS_MAX = 4_000;

/** The same conversation with what was wrong in the answer. */
export function repairPrompt(
  before: readonly Message[],
  answer: string,
  problems: readonly string[],
): readonly Message[] {
  const listed = problems.slice(0, PROBLEMS_MAX).map((problem) => `- ${problem}`);
  return [
    ...before,
    { role: 'assistant', content: answer.slice(0, ANSWER_CHARACTERS_MAX) },
    {
      role: 'user',
      content: `This was not accepted:\n${listed.join('\n')}\nAnswer anew, whole, by the rules.`,
    },
  ];
}
