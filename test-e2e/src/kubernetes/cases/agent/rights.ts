import { type Case, expect, type Stage } from '../case.js';
import { installOperator, OPERATOR } from '../release/operator.js';
import { asAccount } from './as-agent.js';
import { Reviews } from './reviews.js';
import { PATHS, type ResourceName, resourceNames, textOf, VERBS } from './resources.js';

const AT_A_TIME = 24;
const READ = ['get', 'list', 'watch'];

/** What DESIGN lets the agent do, and nothing beside it. */
const WANTED = [
  ...may(READ, 'aegis.dev/aegisclusters', 'aegis.dev/aegisleases'),
  ...may([...READ, 'create', 'update'], 'aegis.dev/incidents', 'aegis.dev/tuningrecommendations'),
  ...may(['create', 'update'], 'aegis.dev/incidents/status', 'aegis.dev/tuningrecommendations/status'),
  ...may(READ, '/pods'),
  ...may(['create'], 'events.k8s.io/events'),
].toSorted();

/** What the one Lease of its own lets it do. */
const WANTED_OF_LEASE = ['get', 'update'];

/** The agent has eyes, no hands: the API server is asked, by the agent, about everything that there is. */
export const agentRightsAreTheList: Case = {
  name: "the agent's rights, asked for every resource and every verb, are the list of the design and nothing more",
  async run(stage) {
    const { kubectl, namespace, note } = stage;
    await installOperator(stage);
    // Whoever has an account at all may ask who it is and what it may do: that is measured by one that was given nothing.
    await kubectl.run('create', 'serviceaccount', 'nobody', `--namespace=${namespace}`);
    const names = await resourceNames(kubectl);
    const agent = await Rights.of(stage, OPERATOR.namespace, OPERATOR.agent);
    const nobody = await Rights.of(stage, namespace, 'nobody');
    const anybody = new Set(await nobody.among(names, namespace));
    for (const place of [namespace, OPERATOR.namespace, '']) {
      const surplus = (await agent.among(names, place)).filter((each) => !anybody.has(each));
      const seen = surplus.toSorted();
      expect(
        JSON.stringify(seen) === JSON.stringify(WANTED),
        `in ${place || 'all namespaces'}: too much: ${without(seen, WANTED)}; missing: ${without(WANTED, seen)}`,
      );
    }
    const lease = { group: 'coordination.k8s.io', resource: 'leases', subresource: '', name: OPERATOR.agent };
    const ofLease = await agent.verbs(lease, OPERATOR.namespace);
    expect(
      JSON.stringify(ofLease) === JSON.stringify(WANTED_OF_LEASE),
      `its own lease: ${ofLease.join(' ')}`,
    );
    const ofOther = await agent.verbs({ ...lease, name: OPERATOR.name }, OPERATOR.namespace);
    expect(ofOther.length === 0, `the operator's lease: ${ofOther.join(' ')}`);
    const paths = await agent.paths(PATHS);
    expect(paths.length === 0, `it may read ${paths.join(' ')}`);
    note(
      `${names.length} resources and parts of them, ${VERBS.length} verbs, in three places: ${agent.asked} questions`,
    );
    note(`${WANTED.length} rights; besides, what every account has: ${[...anybody].toSorted().join(', ')}`);
  },
};

/** What an account may do, as the API server answers it. */
class Rights {
  private constructor(private readonly reviews: Reviews) {}

  static async of({ kubectl }: Stage, namespace: string, account: string): Promise<Rights> {
    return new Rights(new Reviews(await asAccount(kubectl, namespace, account), AT_A_TIME));
  }

  get asked(): number {
    return this.reviews.asked;
  }

  /** Each `verb group/resource` that is allowed; `namespace` '' asks for all of them at once. */
  async among(names: readonly ResourceName[], namespace: string): Promise<readonly string[]> {
    const allowed: string[] = [];
    await eachOf(names, async (name) => {
      for (const verb of await this.verbs(name, namespace)) allowed.push(`${verb} ${textOf(name)}`);
    });
    return allowed;
  }

  async verbs(
    name: ResourceName & { readonly name?: string },
    namespace: string,
  ): Promise<readonly string[]> {
    const allowed: string[] = [];
    for (const verb of VERBS)
      if (await this.reviews.allowed({ resourceAttributes: { ...name, namespace, verb } }))
        allowed.push(verb);
    return allowed;
  }

  async paths(paths: readonly string[]): Promise<readonly string[]> {
    const allowed: string[] = [];
    for (const path of paths)
      if (await this.reviews.allowed({ nonResourceAttributes: { path, verb: 'get' } })) allowed.push(path);
    return allowed;
  }

  close(): void {
    this.reviews.close();
  }
}

/** Works on several at a time. */
async function eachOf<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const left = items.values();
  const worker = async (): Promise<void> => {
    for (const item of left) await work(item);
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, worker));
}

function may(verbs: readonly string[], ...names: readonly string[]): readonly string[] {
  return names.flatMap((name) => verbs.map((verb) => `${verb} ${name}`));
}

function without(these: readonly string[], those: readonly string[]): string {
  return these.filter((each) => !those.includes(each)).join(', ') || 'nothing';
}
