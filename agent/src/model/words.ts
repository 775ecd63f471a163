import { SETTING_NAMES } from '@aegis/replica/settings';
import { CLASSES } from '../diagnose/index.js';
import { LINK_FEATURES, REPLICA_FEATURES } from '../telemetry/index.js';
import type { Facts } from './facts.js';
import { numbersOf, numberProblems } from './numbers.js';

/** What is wrong with a text of a model, for the model and for the evidence. Empty: it may be shown to people. */
export function textProblems(text: string, facts: Facts, charactersMax: number): readonly string[] {
  if (text.trim() === '') return ['it is empty'];
  if (text.length > charactersMax) return [`it has more than ${charactersMax} characters`];
  if (!PRINTABLE.test(text)) return ['it has characters other than plain English text'];
  const mark = MARKS.exec(text);
  if (mark !== null) return [`it has ${JSON.stringify(mark[0])}: only plain sentences are wanted`];
  if (!isEnglish(text)) return ['it is not in English'];
  const lower = text.toLowerCase();
  const setting = SETTING_NAMES.find((name) => lower.includes(name.toLowerCase()));
  if (setting !== undefined) return [`it speaks of ${setting}: settings are not yours to propose`];
  const strange = CLASSES.find((name) => lower.includes(name.toLowerCase()) && !facts.classes.includes(name));
  if (strange !== undefined) return [`it speaks of ${strange}: no such class was found`];
  const ids = idsOf(facts);
  const unknown = [...text.matchAll(ID)].map(([id]) => id).find((id) => !ids.has(id));
  if (unknown !== undefined) return [`${unknown} does not exist`];
  return numberProblems(text.replaceAll(ID, ' ').replaceAll(FEATURE, ' '), numbersOf(facts));
}

/** Ids in a text, as the names that they stand for. The names are others' words: pages have to quote them. */
export function withNames(text: string, names: ReadonlyMap<string, string>): string {
  return text.replaceAll(ID, (id) => {
    const [from, to] = id.split('-to-').map((each) => names.get(each));
    if (from === undefined) return id;
    return to === undefined ? from : `${from} to ${to}`;
  });
}

/** ASCII, and the marks of print. */
const PRINTABLE = /^[\x20-\x7e\n\u2010-\u2015\u2018\u2019\u201c\u201d\u2026\u00d7]*$/;
/** What makes links, code, mentions, headings or tables out of text, anywhere that it may be shown. */
const MARKS = /[`<>|[\]{}\\@#*~]|:\/\/|\bwww\./;
const ID = /\br\d+-to-r\d+\b|\b[ecpr]\d+\b/g;
const FEATURE = new RegExp(
  `\\b(?:${[...Object.keys(REPLICA_FEATURES), ...Object.keys(LINK_FEATURES)].join('|')})\\b`,
  'g',
);

function idsOf({ evidence, causes, past, replicas }: Facts): ReadonlySet<string> {
  const own = Array.from({ length: replicas }, (_, at) => `r${at + 1}`);
  const links = own.flatMap((from) => own.map((to) => `${from}-to-${to}`));
  return new Set([...[...evidence, ...causes, ...past].map(({ id }) => id), ...own, ...links]);
}

const COMMON = new Set(
  'the of and a to is in that it on at by for with was are this not as from its which be has have no so than or but were their before after while because'.split(
    ' ',
  ),
);
/** In English prose about every third word is one of these. */
const COMMON_SHARE_LEAST = 0.15;
const WORDS_TO_TELL = 8;

function isEnglish(text: string): boolean {
  const words = text.toLowerCase().match(/[a-z]+/g) ?? [];
  if (words.length < WORDS_TO_TELL) return true;
  return words.filter((word) => COMMON.has(word)).length / words.length >= COMMON_SHARE_LEAST;
}
