import { windowOf, type Recording } from '@aegis/agent/telemetry';
import type { CaseSet, Label, Rejection } from '../labels/index.js';
import {
  earliest,
  loudest,
  majority,
  ours,
  retrieval,
  threeSigma,
  firstOf,
  type Chosen,
  type Method,
  type ModelMethod,
} from '../methods/index.js';
import { pairedBootstrap, type Difference } from '../score/intervals.js';
import { latencyOf, median } from '../score/latency.js';
import { isExact } from '../score/match.js';
import { resampled } from '../score/resample.js';
import { scoreOf, top, type Judged, type Score } from '../score/score.js';

/** How often scraped, in milliseconds: as recorded, and less often. */
export const SCRAPES_MS = [1_000, 5_000, 15_000] as const;
const LATENCY_SCRAPE_MS = 5_000;

export interface MethodReport {
  readonly method: string;
  readonly about: string;
  readonly chosen: Chosen;
  /** By how often it was scraped, in milliseconds. */
  readonly scores: Readonly<Record<string, Score>>;
  /** Of the cases that are held out by name, apart; as recorded. Null: there are none. */
  readonly heldOut: Score | null;
  /** Of ours less this one, a case: classes right, and first cause right. Null: it is ours. */
  readonly behind: { readonly exact: Difference; readonly top1: Difference } | null;
}

export interface Report {
  readonly sets: readonly string[];
  readonly cases: number;
  readonly incidents: number;
  readonly controls: number;
  readonly confounded: number;
  /** How many were drawn and not taken, by reason. */
  readonly rejected: Readonly<Record<string, number>>;
  /** Templates that were drawn and of which no try became a case: how often, by reason. Nothing is said of them. */
  readonly withoutCase: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly methods: readonly MethodReport[];
  /** Of the method with a model: over all windows, how often there was something to ask, an answer recorded, and accepted. Null: it is absent. */
  readonly model: ModelMethod['counts'] | null;
  /** From the injection until ours is right, scraped every 5 s. */
  readonly latency: {
    readonly medianMs: number | null;
    readonly never: number;
    readonly eachMs: readonly (number | null)[];
  };
  /** Cases in which ours is wrong, as recorded: what was true and what was said. */
  readonly misses: readonly {
    readonly id: string;
    readonly set: string;
    readonly was: string;
    readonly said: string;
  }[];
}

/**
 * @param settings what the search chose for each method, by its name
 * @param shown the labels that the majority is taken of
 * @param model the method with a model, if its answers are recorded
 */
export function reportOf(
  sets: readonly CaseSet[],
  shown: readonly Label[],
  settings: Readonly<Record<string, Chosen>>,
  model?: ModelMethod,
): Report {
  const others = [majority(shown), threeSigma, loudest, earliest, retrieval];
  const methods: readonly Method[] = [...others, ...(model === undefined ? [] : [model]), ours];
  const cases = sets.flatMap((set) => set.cases.map((each) => ({ ...each, set: set.labels.set })));
  const labels = cases.map(({ label }) => label);
  const judged = new Map<string, Judged[]>();
  for (const everyMs of SCRAPES_MS) {
    const windows = cases.map(({ recording }) => windowOf(resampled(recording, everyMs)));
    for (const method of methods) {
      const chosen = chosenOf(method, settings);
      judged.set(
        `${method.name} ${everyMs}`,
        windows.map((window, at) => ({ label: labels[at]!, answer: method.judge(window, chosen) })),
      );
    }
  }
  const of = (method: Method, everyMs: number): Judged[] => judged.get(`${method.name} ${everyMs}`)!;
  const recorded = of(ours, SCRAPES_MS[0]);
  const incidents = labels.filter(({ control }) => control === null);
  const rejections = sets.flatMap(({ labels: file }) => file.rejections);
  return {
    sets: sets.map(({ labels: file }) => file.set),
    cases: labels.length,
    incidents: incidents.length,
    controls: labels.length - incidents.length,
    confounded: incidents.filter(({ confounded }) => confounded).length,
    rejected: counted(rejections.map(({ reason }) => reason)),
    withoutCase: withoutCase(labels, rejections),
    methods: methods.map((method) => ({
      method: method.name,
      about: method.about,
      chosen: chosenOf(method, settings),
      scores: Object.fromEntries(
        SCRAPES_MS.map((everyMs) => [String(everyMs), scoreOf(of(method, everyMs))]),
      ),
      heldOut: labels.some(({ heldOut }) => heldOut)
        ? scoreOf(of(method, SCRAPES_MS[0]).filter(({ label }) => label.heldOut))
        : null,
      behind: method === ours ? null : behindOurs(recorded, of(method, SCRAPES_MS[0])),
    })),
    model: model === undefined ? null : { ...model.counts },
    latency: latencies(cases, chosenOf(ours, settings)),
    misses: recorded.flatMap((each, at) => missOf(each, cases[at]!.set)),
  };
}

function chosenOf(method: Method, settings: Readonly<Record<string, Chosen>>): Chosen {
  return { ...firstOf(method), ...settings[method.name] };
}

function behindOurs(
  one: readonly Judged[],
  other: readonly Judged[],
): { exact: Difference; top1: Difference } {
  const incident = ({ label }: Judged): boolean => label.control === null;
  const [a, b] = [one.filter(incident), other.filter(incident)];
  const exact = (all: readonly Judged[]): number[] =>
    all.map(({ label, answer }) => Number(isExact(answer, label)));
  const first = (all: readonly Judged[]): number[] => all.map((each) => Number(top(each, 1)));
  return { exact: pairedBootstrap(exact(a), exact(b)), top1: pairedBootstrap(first(a), first(b)) };
}

function latencies(
  cases: readonly { readonly label: Label; readonly recording: Recording }[],
  chosen: Chosen,
): Report['latency'] {
  const eachMs = cases
    .filter(({ label }) => label.control === null)
    .map(({ label, recording }) => latencyOf(ours, chosen, resampled(recording, LATENCY_SCRAPE_MS), label));
  // One that is never right is later than all others.
  const middle = median(eachMs.map((each) => each ?? Infinity));
  return {
    medianMs: Number.isFinite(middle) ? middle : null,
    never: eachMs.filter((each) => each === null).length,
    eachMs,
  };
}

function missOf(each: Judged, set: string): Report['misses'] {
  const { label, answer } = each;
  const right = isExact(answer, label) && (label.control !== null || top(each, 1));
  if (right) return [];
  const classes = (names: readonly string[]): string => (names.length === 0 ? 'none' : names.join(' + '));
  const cause = label.cause === null ? '' : `, ${label.cause.fault} at ${JSON.stringify(label.cause.at)}`;
  const [said] = answer.causes;
  return [
    {
      id: label.id,
      set,
      was: classes(label.classes) + cause,
      said:
        classes(answer.classes) + (said === undefined ? '' : `, ${said.fault} at ${JSON.stringify(said.at)}`),
    },
  ];
}

function withoutCase(labels: readonly Label[], rejections: readonly Rejection[]): Report['withoutCase'] {
  const taken = new Set(labels.map(({ template }) => template));
  const names = [...new Set(rejections.map(({ template }) => template))].sort();
  return Object.fromEntries(
    names
      .filter((name) => !taken.has(name))
      .map((name) => [
        name,
        counted(rejections.filter(({ template }) => template === name).map(({ reason }) => reason)),
      ]),
  );
}

function counted(values: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const value of [...values].sort()) counts[value] = (counts[value] ?? 0) + 1;
  return counts;
}
