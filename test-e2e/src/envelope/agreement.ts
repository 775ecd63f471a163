import type { Asked } from './drawn.js';
import type { Layer } from './layers.js';

/** Settings about which layers differ, with what each said. */
export interface Disagreement {
  readonly asked: Asked;
  readonly said: Readonly<Record<string, string>>;
}

export interface Agreement {
  readonly judged: number;
  readonly refused: number;
  readonly disagreements: readonly Disagreement[];
}

/** Asks every layer about the same settings, each by itself. */
export async function askAll(
  drawn: readonly Asked[],
  layers: Readonly<Record<string, Layer>>,
): Promise<Agreement> {
  const disagreements: Disagreement[] = [];
  let refused = 0;
  for (const asked of drawn) {
    const said: [string, string | undefined][] = [];
    for (const [name, layer] of Object.entries(layers)) said.push([name, await layer(asked)]);
    const against = said.filter(([, why]) => why !== undefined);
    if (against.length > 0) refused += 1;
    if (against.length === 0 || against.length === said.length) continue;
    disagreements.push({
      asked,
      said: Object.fromEntries(said.map(([name, why]) => [name, why ?? 'accepted'])),
    });
  }
  return { judged: drawn.length, refused, disagreements };
}
