import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { NETWORK } from '../machines/network.js';
import type { ClusterAuthority, Named, PairFiles } from './authority.js';

export const API_PORT = 6443;
export const API_URL = `https://${NETWORK.control}:${API_PORT}`;

/** Gives each program what it shows itself with: a certificate, in a kubeconfig. */
export class Identities {
  constructor(readonly authority: ClusterAuthority) {}

  /** The path of the kubeconfig of a user that has just been named. */
  async kubeconfig(name: string, named: Named): Promise<string> {
    const pair = await this.authority.issue(name, named);
    const file = join(this.authority.folder, `${name}.kubeconfig`);
    // JSON is YAML. The certificates are inside, so that the file can be copied elsewhere.
    const config = {
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'aegis-tests',
      contexts: [{ name: 'aegis-tests', context: { cluster: 'aegis-tests', user: name } }],
      clusters: [
        {
          name: 'aegis-tests',
          cluster: { server: API_URL, 'certificate-authority-data': base64(this.authority.files.cert) },
        },
      ],
      users: [
        {
          name,
          user: { 'client-certificate-data': base64(pair.cert), 'client-key-data': base64(pair.key) },
        },
      ],
    };
    writeFileSync(file, JSON.stringify(config, undefined, 2), { mode: 0o600 });
    return file;
  }

  server(name: string, addresses: readonly string[], dnsNames: readonly string[] = []): Promise<PairFiles> {
    return this.authority.issue(name, { user: name, addresses, dnsNames });
  }
}

function base64(file: string): string {
  return readFileSync(file).toString('base64');
}
