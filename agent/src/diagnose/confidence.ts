import type { Classification } from '../classify/index.js';
import type { Ranked } from './rank.js';

/**
 * How often the first of a ranking is right if it is ahead of the second by so much: of the development set, in three steps because its
 * few incidents do not tell more apart (bench/consensusops). The rest is shared out by the scores of the others.
 */
const RIGHT: readonly { readonly ahead: number; readonly share: number }[] = [
  { ahead: 0.35, share: 0.95 },
  { ahead: 0.12, share: 0.85 },
  { ahead: 0, share: 0.6 },
];
/** What is not seen whole is not known as well. */
const PARTLY_SEEN = 0.8;

export function confidenceOf(ranked: readonly Ranked[], { hidden, unseen }: Classification): number[] {
  const [first, second] = ranked;
  if (first === undefined) return [];
  const ahead = first.score === 0 ? 0 : (first.score - (second?.score ?? 0)) / first.score;
  const step = RIGHT.find((each) => ahead >= each.ahead) ?? RIGHT.at(-1)!;
  const partly = hidden.length > 0 || unseen.some(({ what }) => what === 'replica');
  const share = step.share * (partly ? PARTLY_SEEN : 1);
  const others = ranked.slice(1).reduce((total, { score }) => total + score, 0);
  return ranked.map(({ score }, index) =>
    rounded(index === 0 ? share : ((1 - share) * score) / Math.max(others, first.score)),
  );
}

/** Two decimals: more would say more than is known. */
const rounded = (share: number): number => Math.round(share * 100) / 100;
