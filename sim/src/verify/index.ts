/** Would the patch have helped? Begin at verify.ts. What is compared is fixed in @aegis/agent/counterfactual. */
export { QuestionError, readQuestion, type Problem, type Question } from './question.js';
export { BrokenWorldError, verify, type Report, type VerifyOptions } from './verify.js';
