import { ClusterView, type ViewParts } from './cluster-view.js';

const OF_ONE = /^(\/clusters\/[^/]+\/[^/]+)(\/.*)?$/;

/** The clusters that are shown, by the paths under which people find them: `''` for the only one, `/clusters/NAMESPACE/NAME` for one of several. */
export class Views {
  readonly #views = new Map<string, ClusterView>();

  /** @returns ends it */
  show(at: string, parts: ViewParts): () => void {
    const view = new ClusterView(parts);
    this.#views.set(at, view);
    return () => {
      view.stop();
      if (this.#views.get(at) === view) this.#views.delete(at);
    };
  }

  get paths(): readonly string[] {
    return [...this.#views.keys()].sort();
  }

  /** Which cluster a path is about, and what it asks of it; `''`: it lacks the slash at its end. Undefined: about none. */
  find(path: string): { readonly view: ClusterView; readonly rest: string } | undefined {
    const only = this.#views.get('');
    if (only !== undefined) return { view: only, rest: path };
    const [, at = '', rest = ''] = OF_ONE.exec(path) ?? [];
    const view = this.#views.get(at);
    return view === undefined ? undefined : { view, rest };
  }

  stop(): void {
    for (const view of this.#views.values()) view.stop();
  }
}
