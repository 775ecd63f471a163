import { classify, LAYERS, layerOf, type Signal } from '@aegis/agent/classify';
import type { FaultKind, Where } from '@aegis/agent/diagnose';
import { queryOf, readRunbooks, retrieverOf } from '@aegis/agent/retrieve';
import type { Answer, Method } from './method.js';

/** Of what fits, the faults that the runbooks are about; nothing of the agent's diagnosis is used. */
export const retrieval: Method = {
  name: 'retrieval',
  about:
    'Classes by the agent; causes are those of the runbooks that fit what was seen, at the first place where it was seen (agent/src/retrieve).',
  grid: { runbooks: [3, 1, 5, 8] },
  judge(window, { runbooks = 3 }): Answer {
    const seen = classify(window);
    const classes = seen.classes.map((finding) => finding.class);
    if (seen.verdict !== 'incident') return { classes, causes: [], path: [] };
    const weights = new Map<FaultKind, number>();
    for (const found of retriever().find(queryOf(seen), 'runbook', runbooks)) {
      if (found.kind !== 'runbook') continue;
      // A runbook names first what it is mostly about.
      found.runbook.causes.forEach((fault, at) =>
        weights.set(fault, (weights.get(fault) ?? 0) + found.score / (at + 1)),
      );
    }
    const causes = [...weights]
      .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
      .flatMap(([fault, weight]) => {
        const at = placeOf(fault, seen.signals);
        return at === undefined ? [] : [{ fault, at, weight }];
      });
    const sum = causes.reduce((total, { weight }) => total + weight, 0);
    const [first] = causes;
    return {
      classes,
      causes: causes.map(({ fault, at, weight }) => ({ fault, at, confidence: weight / sum })),
      path: first === undefined ? [] : classes.map((effect) => ({ effect, at: first.at })),
    };
  },
};

let made: ReturnType<typeof retrieverOf> | undefined;
const retriever = (): ReturnType<typeof retrieverOf> => (made ??= retrieverOf(readRunbooks()));

const OF_CLIENTS = /^(?:plain-load|.*-herd|watch-fan-out|huge-values|hot-lock)$/;
const OF_SETTINGS = /^(?:short-log|hasty-settings)$/;

/** Where a fault of this kind can be that something was seen at first; of several at one moment, the lowest layer. */
function placeOf(fault: FaultKind, signals: readonly Signal[]): Where | undefined {
  if (OF_CLIENTS.test(fault)) return 'clients';
  if (OF_SETTINGS.test(fault)) return 'settings';
  const kind = fault.startsWith('link-') ? 'from' : 'replica';
  const layer = (signal: Signal): number => LAYERS.indexOf(layerOf(signal.kind));
  return signals
    .filter(({ at }) => typeof at === 'object' && kind in at)
    .toSorted((a, b) => a.onsetMs - b.onsetMs || layer(a) - layer(b))[0]?.at;
}
