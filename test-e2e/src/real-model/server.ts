import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { availableParallelism } from 'node:os';
import { json } from 'node:stream/consumers';

import type { RealModel } from './programs.js';

const CONTEXT_TOKENS = 8_192;
/** Its threads wait for each other in loops: with one more than there are free processors, hardly any of them gets on. */
const THREADS = Math.max(1, availableParallelism() - 1);

/** What is used of the runtime; it is no dependency of this project. */
interface Runtime {
  readonly getLlama: (options: object) => Promise<{
    loadModel(options: { readonly modelPath: string }): Promise<Loaded>;
    createGrammarForJsonSchema(schema: object): Promise<object>;
  }>;
  readonly LlamaChatSession: new (options: { readonly contextSequence: object }) => Session;
}
interface Loaded {
  createContext(options: { readonly contextSize: number; readonly threads: number }): Promise<{
    getSequence(): { clearHistory(): Promise<void> };
  }>;
  tokenize(text: string): readonly unknown[];
}
interface Session {
  setChatHistory(history: readonly object[]): void;
  promptWithMeta(
    text: string,
    options: object,
  ): Promise<{ readonly responseText: string; readonly stopReason: string }>;
}

/** A request of chat completions, as far as it is looked at. */
interface Asked {
  readonly messages: readonly { readonly role: 'system' | 'user' | 'assistant'; readonly content: string }[];
  readonly max_tokens?: number;
  readonly max_completion_tokens?: number;
  readonly response_format?: { readonly json_schema?: { readonly schema: object } };
}

export interface ModelServer {
  /** What goes before `/chat/completions`. */
  readonly url: string;
  /** What it is saying just now it goes on to say to nobody, as long as the process lives. */
  close(): void;
}

/** OpenAI's chat completions on loopback, by a model in this process: one answer after the other, always the likeliest words. */
export async function serveModel({ name, runtime, weights }: RealModel): Promise<ModelServer> {
  const { getLlama, LlamaChatSession } = (await import(runtime)) as Runtime;
  const llama = await getLlama({
    gpu: false,
    build: 'never',
    skipDownload: true,
    logLevel: 'error',
    maxThreads: THREADS,
  });
  const model = await llama.loadModel({ modelPath: weights });
  const context = await model.createContext({ contextSize: CONTEXT_TOKENS, threads: THREADS });
  const sequence = context.getSequence();

  async function answer({ messages, response_format, ...limits }: Asked): Promise<object> {
    const maxTokens = limits.max_completion_tokens ?? limits.max_tokens ?? 512;
    const promptTokens = messages.reduce((sum, { content }) => sum + model.tokenize(content).length, 0);
    if (promptTokens + maxTokens > CONTEXT_TOKENS)
      throw new Refusal(400, `the context holds ${CONTEXT_TOKENS} tokens: ${promptTokens} were sent`);
    await sequence.clearHistory();
    const session = new LlamaChatSession({ contextSequence: sequence });
    session.setChatHistory(
      messages
        .slice(0, -1)
        .map(({ role, content }) =>
          role === 'assistant' ? { type: 'model', response: [content] } : { type: role, text: content },
        ),
    );
    const schema = response_format?.json_schema?.schema;
    const grammar = schema === undefined ? {} : { grammar: await llama.createGrammarForJsonSchema(schema) };
    const { responseText: content, stopReason } = await session.promptWithMeta(messages.at(-1)!.content, {
      ...grammar,
      maxTokens,
      temperature: 0,
    });
    const finish_reason = stopReason === 'maxTokens' ? 'length' : 'stop';
    const usage = { prompt_tokens: promptTokens, completion_tokens: model.tokenize(content).length };
    return {
      id: 'chatcmpl-local',
      object: 'chat.completion',
      created: 0,
      model: name,
      choices: [{ index: 0, finish_reason, message: { role: 'assistant', content } }],
      usage: { ...usage, total_tokens: usage.prompt_tokens + usage.completion_tokens },
    };
  }

  let last: Promise<unknown> = Promise.resolve();
  const server = createServer((request, response) => {
    last = last.then(() => serve(request, response, answer));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/v1`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

class Refusal extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  answer: (asked: Asked) => Promise<object>,
): Promise<void> {
  const tell = (status: number, body: object): void =>
    void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  try {
    if (request.method !== 'POST' || request.url !== '/v1/chat/completions')
      throw new Refusal(404, 'POST /v1/chat/completions is all there is');
    tell(200, await answer((await json(request)) as Asked));
  } catch (error) {
    const status = error instanceof Refusal ? error.status : 500;
    tell(status, { error: { message: error instanceof Error ? error.message : String(error) } });
  }
}
