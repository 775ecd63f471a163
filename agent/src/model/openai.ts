import { limitedFetch } from '@aegis/operator/github';
import type { UsageMetadata } from '@langchain/core/messages';
import {
  ModelError,
  type ModelAnswer,
  type ModelEndpoint,
  type ModelRequest,
  type ModelTrouble,
} from './endpoint.js';

export interface OpenAiOptions {
  /** As `https://openrouter.ai/api/v1`: what is before `/chat/completions`. */
  readonly endpoint: string;
  readonly apiKey: string;
  /** Of one request, in milliseconds. */
  readonly timeoutMs: number;
  /** How the server is asked for JSON; servers differ in what they know. */
  readonly answers: 'json_schema' | 'json_object' | 'text';
}

/** With one of these set, the library would send each exchange to a third party as well. */
const TRACING = ['LANGSMITH_TRACING_V2', 'LANGCHAIN_TRACING_V2', 'LANGSMITH_TRACING', 'LANGCHAIN_TRACING'];

/** Any server that speaks OpenAI's chat completions. One request is one attempt, bounded in time and size. */
export function openAiEndpoint(options: OpenAiOptions): ModelEndpoint {
  const tracing = TRACING.find((name) => process.env[name] === 'true');
  if (tracing !== undefined)
    throw new ModelError(
      'Settings',
      `${tracing} is set: prompts would go to a third party, too. Unset it, or leave the model out.`,
    );
  return { complete: (request) => complete(request, options) };
}

async function complete(request: ModelRequest, options: OpenAiOptions): Promise<ModelAnswer> {
  const { endpoint, apiKey, timeoutMs } = options;
  // Loaded by the first question: who has no model does not wait for it.
  const { WholeAnswers } = await import('./whole-answers.js');
  const chat = new WholeAnswers({
    model: request.model,
    apiKey,
    temperature: 0,
    maxTokens: request.maxOutputTokens,
    maxRetries: 0,
    cache: false,
    verbose: false,
    streaming: false,
    configuration: {
      baseURL: endpoint,
      organization: null,
      project: null,
      logLevel: 'off',
      fetch: straightFetch,
    },
  });
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    const format = responseFormat(request, options);
    const said = request.messages.map(({ role, content }) => ({ role, content }));
    const message = await chat.invoke(said, { signal, ...format });
    if (typeof message.content !== 'string')
      throw new ModelError('Unreadable', 'The model answered with something that is no text.');
    const usage = message.usage_metadata as UsageMetadata | undefined;
    return {
      text: message.content,
      inputTokens: counted(usage?.input_tokens),
      outputTokens: counted(usage?.output_tokens),
      cutOff: message.response_metadata['finish_reason'] === 'length',
    };
  } catch (error) {
    throw troubleOf(error, signal.aborted, options);
  }
}

function responseFormat({ answer }: ModelRequest, { answers }: OpenAiOptions) {
  if (answers === 'text') return {};
  if (answers === 'json_object') return { response_format: { type: 'json_object' as const } };
  const format = {
    type: 'json_schema' as const,
    json_schema: { name: answer.name, schema: { ...answer.schema }, strict: true },
  };
  return { response_format: format };
}

/** What the server counts is believed as far as it is a count. */
function counted(tokens: number | undefined): number | undefined {
  return tokens !== undefined && Number.isSafeInteger(tokens) && tokens > 0 ? tokens : undefined;
}

/** The key goes to the host that it was given for, and to no other. */
function straightFetch(input: string | URL | Request, init?: RequestInit): Promise<Response> {
  return limitedFetch(input, { ...init, redirect: 'error' });
}

function troubleOf(error: unknown, timedOut: boolean, { endpoint, timeoutMs }: OpenAiOptions): ModelError {
  if (error instanceof ModelError) return error;
  const at = new URL(endpoint).host;
  const { status, constructor } = error as { status?: unknown; constructor: { name: string } };
  // What the other side says of itself is kept as the cause, and goes into no page.
  const trouble = (reason: ModelTrouble, what: string): ModelError =>
    new ModelError(reason, `The model at ${at} ${what}`, { cause: error });
  if (timedOut) return trouble('TimedOut', `did not answer within ${timeoutMs} ms.`);
  if (status === 429) return trouble('Limited', 'answers 429: too many requests, or no credit.');
  if (typeof status === 'number')
    return trouble(
      status >= 500 ? 'Unreachable' : 'Refused',
      `answers ${status}: look at the endpoint, the name of the model and the key.`,
    );
  if (constructor.name.includes('Connection')) return trouble('Unreachable', 'cannot be reached.');
  return trouble('Unreadable', 'answers with something that is no chat completion.');
}
