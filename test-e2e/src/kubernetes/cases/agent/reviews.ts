import { Agent, request } from 'node:https';

import type { KubeConfig } from '@kubernetes/client-node';

/** One question about a right. */
export type Question =
  | {
      readonly resourceAttributes: Readonly<
        Record<'group' | 'resource' | 'subresource' | 'namespace' | 'verb', string> & { name?: string }
      >;
    }
  | { readonly nonResourceAttributes: Readonly<Record<'path' | 'verb', string>> };

const PATH = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';

/** Asks the API server what its caller may do, thousands of times over a few connections that stay open. */
export class Reviews {
  readonly #agent: Agent;
  readonly #url: URL;
  readonly #token: string;
  asked = 0;

  constructor(config: KubeConfig, connections: number) {
    const { server, caData } = config.getCurrentCluster()!;
    this.#url = new URL(PATH, server);
    this.#token = config.getCurrentUser()!.token!;
    const ca = Buffer.from(caData!, 'base64');
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections, ca });
  }

  allowed(question: Question): Promise<boolean> {
    this.asked++;
    const kind = { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview' };
    const headers = { Authorization: `Bearer ${this.#token}`, 'Content-Type': 'application/json' };
    return new Promise((resolve, reject) => {
      const asking = request(this.#url, { method: 'POST', headers, agent: this.#agent }, (reply) => {
        let text = '';
        reply.setEncoding('utf8').on('data', (part: string) => (text += part));
        reply.once('error', reject).once('end', () => {
          if (reply.statusCode !== 201)
            return reject(new Error(`a review of rights: ${reply.statusCode} ${text}`));
          resolve((JSON.parse(text) as { status: { allowed: boolean } }).status.allowed);
        });
      });
      asking.once('error', reject).end(JSON.stringify({ ...kind, spec: question }));
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}
