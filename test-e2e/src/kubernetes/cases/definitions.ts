import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { type ApiException, CustomObjectsApi, KubeConfig } from '@kubernetes/client-node';
import { parse } from 'yaml';

import { CASES, type Case as ObjectCase } from '../../crds/cases.js';
import { type Case, expect } from './case.js';
import { installOperator } from './release/operator.js';

const FILES = globSync(join(import.meta.dirname, '../../../../crds/yaml/*.yaml')).toSorted();
const GROUP = { group: 'aegis.dev', version: 'v1alpha1' } as const;

/** Of one object in a row, until something else must be wrong. */
const CONFLICTS_MAX = 10;

interface Definition {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly names: { readonly kind: string; readonly plural: string } };
}

interface Stored {
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly resourceVersion?: string;
  };
  readonly status?: object;
}

const definitions = (): readonly Definition[] =>
  FILES.map((file) => parse(readFileSync(file, 'utf8')) as Definition);

/** The resource definitions are taken by this API server, which estimates what their rules cost. */
export const definitionsAreAccepted: Case = {
  name: 'the resource definitions are accepted, with the estimated cost of their rules',
  async run(stage) {
    const { kubectl, note } = stage;
    // The chart brings them, too, and takes none over that it has not made.
    await installOperator(stage);
    await kubectl.apply(definitions());
    const names = definitions().map(({ metadata }) => `customresourcedefinition/${metadata.name}`);
    await kubectl.run('wait', '--for=condition=Established', '--timeout=30s', ...names);
    const list = await kubectl.get<{
      items: { metadata: { name: string }; status: { conditions: { type: string; status: string }[] } }[];
    }>('customresourcedefinitions');
    for (const { metadata, status } of list.items) {
      const bad = status.conditions.find(
        ({ type }) => type === 'NonStructuralSchema' || type === 'Terminating',
      );
      expect(bad === undefined, `${metadata.name}: ${JSON.stringify(bad)}`);
    }
    const rules = FILES.map((file) => readFileSync(file, 'utf8').match(/^\s+(- )?rule:/gm)?.length ?? 0);
    note(`${names.length} definitions with ${rules.reduce((sum, each) => sum + each, 0)} rules`);
  },
};

/** What the definitions' own tests say of the validation as a library holds of the API server, too. */
export const rulesAnswer: Case = {
  name: 'objects that break a rule are refused with its message, the others are stored',
  async run({ kubectl, namespace, note }) {
    const config = new KubeConfig();
    config.loadFromFile(kubectl.kubeconfig);
    const objects = new Objects(config.makeApiClient(CustomObjectsApi), namespace);
    const wrong: string[] = [];
    let refused = 0;
    let unstorable = 0;
    for (const each of CASES) {
      const said = await objects.judge(each);
      if (said === undefined) {
        unstorable++;
        continue;
      }
      const good = each.refused === undefined ? said === '' : each.refused.test(said);
      if (each.refused !== undefined) refused++;
      if (!good) wrong.push(`${each.name}: ${said === '' ? 'accepted' : said}`);
    }
    note(
      `${CASES.length - unstorable} objects, ${refused} of them refused with the message that was expected`,
    );
    note(`${unstorable} cases begin from an object that is refused already, and are left to \`make crds\``);
    expect(wrong.length === 0, wrong.join('\n'));
    expect(refused > 20, `only ${refused} objects were refused`);
  },
};

/** Short names and columns are what a person sees. */
export const columnsSay: Case = {
  name: 'kubectl get aegisclusters, aegisleases, incidents, recommendations print columns of their own',
  async run({ kubectl, namespace, note }) {
    const seen = new Set<string>();
    for (const { object, refused, old } of CASES) {
      const { kind } = object as Stored;
      if (refused !== undefined || old !== undefined || seen.has(kind)) continue;
      seen.add(kind);
      await kubectl.apply([moved(object, namespace)]);
    }
    for (const name of ['aegisclusters', 'aegisleases', 'incidents', 'recommendations']) {
      const [header, row] = (await kubectl.run('get', name, `--namespace=${namespace}`)).split('\n');
      note(header!.trimEnd());
      note(row!.trimEnd());
      expect((header ?? '').split(/\s{2,}/).length > 3, `${name}: only ${header}`);
    }
  },
};

/** Objects of the four kinds in one namespace. */
class Objects {
  readonly #plurals = new Map(definitions().map(({ spec }) => [spec.names.kind, spec.names.plural]));

  constructor(
    readonly api: CustomObjectsApi,
    readonly namespace: string,
  ) {}

  /** What the API server says of a case: empty if it is accepted; undefined if the case cannot begin. */
  async judge({ object, old }: ObjectCase): Promise<string | undefined> {
    const last = moved(object, this.namespace);
    if (old === undefined && last.status === undefined) return this.#said(() => this.#create(last, 'All'));
    const before = moved(old ?? object, this.namespace);
    let stored: Stored;
    try {
      stored = await this.#create(before);
    } catch (error) {
      if (old === undefined) return message(error);
      return undefined;
    }
    try {
      if (old !== undefined && before.status !== undefined)
        stored = await this.#onNewest(stored, (newest) => this.#replaceStatus(newest, before));
      return await this.#said(() =>
        this.#onNewest(stored, (newest) =>
          last.status === undefined ? this.#replace(newest, last) : this.#replaceStatus(newest, last, 'All'),
        ),
      );
    } finally {
      await this.api.deleteNamespacedCustomObject({ ...this.#at(before), name: before.metadata.name });
    }
  }

  /** The operator works on these objects, too: what it has changed meanwhile is read, and the same asked again. */
  async #onNewest<T>(stored: Stored, ask: (newest: Stored) => Promise<T>): Promise<T> {
    let newest = stored;
    for (let attempt = 1; ; attempt++) {
      try {
        return await ask(newest);
      } catch (error) {
        if ((error as ApiException<unknown>).code !== 409 || attempt === CONFLICTS_MAX) throw error;
        const { name } = stored.metadata;
        newest = (await this.api.getNamespacedCustomObject({ ...this.#at(stored), name })) as Stored;
      }
    }
  }

  async #said(ask: () => Promise<unknown>): Promise<string> {
    return ask().then(() => '', message);
  }

  #create(body: Stored, dryRun?: 'All'): Promise<Stored> {
    const ask = { ...this.#at(body), body, fieldValidation: 'Strict', ...(dryRun && { dryRun }) };
    return this.api.createNamespacedCustomObject(ask) as Promise<Stored>;
  }

  #replace(stored: Stored, body: Stored): Promise<unknown> {
    const { name } = body.metadata;
    const versioned = withVersion(stored, body);
    const ask = { ...this.#at(body), name, body: versioned, fieldValidation: 'Strict', dryRun: 'All' };
    return this.api.replaceNamespacedCustomObject(ask);
  }

  #replaceStatus(stored: Stored, body: Stored, dryRun?: 'All'): Promise<Stored> {
    const { name } = body.metadata;
    const ask = { ...this.#at(body), name, body: withVersion(stored, body), ...(dryRun && { dryRun }) };
    return this.api.replaceNamespacedCustomObjectStatus(ask) as Promise<Stored>;
  }

  #at({ kind }: Stored) {
    const plural = this.#plurals.get(kind);
    if (plural === undefined) throw new Error(`no definition has the kind ${kind}`);
    return { ...GROUP, namespace: this.namespace, plural };
  }
}

/** The same in another namespace. */
function moved(object: object, namespace: string): Stored {
  const stored = object as Stored;
  return { ...stored, metadata: { ...stored.metadata, namespace } };
}

function withVersion(stored: Stored, body: Stored): Stored {
  return { ...body, metadata: { ...body.metadata, resourceVersion: stored.metadata.resourceVersion! } };
}

function message(error: unknown): string {
  const { body, message: text } = error as ApiException<unknown>;
  if (body === undefined) return text;
  const status = (typeof body === 'string' ? JSON.parse(body) : body) as { message?: string };
  return status.message ?? text;
}
