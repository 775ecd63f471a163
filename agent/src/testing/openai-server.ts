import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** How one request is answered: a text as the model's, or a way to misbehave. */
export type Behaviour =
  | {
      readonly says: string;
      readonly usage?: { readonly prompt: number; readonly completion: number } | null;
      readonly cutOff?: true;
    }
  | { readonly status: number; readonly body?: string }
  | { readonly raw: string }
  | 'never'
  | 'hangs-up';

export interface OpenAiServer {
  /** What is before `/chat/completions`. */
  readonly endpoint: string;
  /** Bodies of the requests, as they came. */
  readonly asked: readonly Asked[];
  close(): Promise<void>;
}

export interface Asked {
  readonly path: string;
  readonly authorization: string | undefined;
  readonly body: {
    readonly model: string;
    readonly messages: readonly { readonly role: string; readonly content: string }[];
    readonly response_format?: { readonly type: string };
    readonly max_tokens?: number;
    readonly temperature?: number;
  };
}

/** A server on loopback that speaks OpenAI's chat completions; `behave` says how the nth request, from 0, is answered. */
export async function openAiServer(behave: (nth: number, asked: Asked) => Behaviour): Promise<OpenAiServer> {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    void answer(request, response);
  });
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const one = {
      path: request.url ?? '',
      authorization: request.headers.authorization,
      body: JSON.parse(Buffer.concat(parts).toString()) as Asked['body'],
    };
    asked.push(one);
    send(response, behave(asked.length - 1, one));
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}/v1`,
    asked,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function send(response: ServerResponse, how: Behaviour): void {
  if (how === 'never') return;
  if (how === 'hangs-up') {
    response.socket?.destroy();
    return;
  }
  if ('status' in how) {
    response.writeHead(how.status, { 'content-type': 'application/json' });
    response.end(how.body ?? '{"error":{"message":"no"}}');
    return;
  }
  response.writeHead(200, { 'content-type': 'application/json' });
  if ('raw' in how) {
    response.end(how.raw);
    return;
  }
  const { says, cutOff, usage = { prompt: 1000, completion: 100 } } = how;
  const finish_reason = cutOff === true ? 'length' : 'stop';
  response.end(
    JSON.stringify({
      id: 'chat-1',
      object: 'chat.completion',
      created: 1,
      model: 'for-tests',
      choices: [{ index: 0, finish_reason, message: { role: 'assistant', content: says } }],
      ...(usage === null
        ? {}
        : {
            usage: {
              prompt_tokens: usage.prompt,
              completion_tokens: usage.completion,
              total_tokens: usage.prompt + usage.completion,
            },
          }),
    }),
  );
}
