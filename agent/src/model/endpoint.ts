import { createHash } from 'node:crypto';

export interface Message {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

/** One question to a model, whole: the same request has the same hash. */
export interface ModelRequest {
  readonly model: string;
  readonly messages: readonly Message[];
  readonly maxOutputTokens: number;
  /** JSON Schema of the answer. */
  readonly answer: { readonly name: string; readonly schema: Readonly<Record<string, unknown>> };
}

export interface ModelAnswer {
  readonly text: string;
  /** As counted by the endpoint. Undefined: it does not tell. */
  readonly inputTokens: number | undefined;
  readonly outputTokens: number | undefined;
  /** It would have gone on, and had no more tokens. */
  readonly cutOff?: boolean | undefined;
}

/** Whoever answers: an OpenAI-compatible server, or exchanges that were recorded. Throws ModelError. */
export interface ModelEndpoint {
  complete(request: ModelRequest): Promise<ModelAnswer>;
}

export type ModelTrouble =
  'TimedOut' | 'Limited' | 'Refused' | 'Unreachable' | 'Unreadable' | 'NotRecorded' | 'Settings';

/** No answer came. The agent goes on without one. */
export class ModelError extends Error {
  override readonly name = 'ModelError';

  constructor(
    readonly reason: ModelTrouble,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** By which a recorded exchange is found again. */
export function hashOf({ model, messages, maxOutputTokens, answer }: ModelRequest): string {
  const said = messages.map(({ role, content }) => [role, content]);
  return createHash('sha256')
    .update(JSON.stringify([model, said, maxOutputTokens, answer.name, answer.schema]))
    .digest('hex');
}
