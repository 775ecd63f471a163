import type { Family, Patch } from '@aegis/replica/settings';
import { FAULTS, placeKey, type IncidentClass } from '../diagnose/index.js';
import type { Target } from '../forge/index.js';
import type { Diagnosed } from '../propose/index.js';

interface Common {
  readonly target: Target;
  /** Of the incident; unique in its cluster. */
  readonly incident: string;
  /** When that happened, milliseconds since 1970. */
  readonly at: number;
}

/** Something that people may want to be told at once. */
export type Notice =
  | (Common & {
      readonly kind: 'incident';
      readonly classes: readonly IncidentClass[];
      readonly onset: number;
      readonly cause: Diagnosed | undefined;
    })
  | (Common & {
      readonly kind: 'proposal';
      readonly family: Family;
      readonly patch: Patch;
      readonly state: 'Open' | 'Closed' | 'Merged';
      readonly url: string;
      /** Who merged it, as the forge names them. */
      readonly by?: string | undefined;
    })
  | (Common & {
      readonly kind: 'postmortem';
      /** What became of the incident. */
      readonly became: string;
      readonly url: string;
    });

const WORDS_MAX = 300;

/** One line for people. Names in it are others' words: each body quotes them in its own way. */
export function headline(notice: Notice): string {
  const { target, incident } = notice;
  const cluster = words(`${target.namespace}/${target.cluster}`);
  switch (notice.kind) {
    case 'incident':
      return `${notice.classes.join(', ')} in ${cluster} (incident ${words(incident)})`;
    case 'proposal':
      return `Proposal for ${cluster}, ${notice.family}: ${PROPOSALS[notice.state]}`;
    case 'postmortem':
      return `Postmortem of incident ${words(incident)} in ${cluster}: ${words(notice.became)}`;
  }
}

const PROPOSALS = { Open: 'open for review', Closed: 'closed', Merged: 'merged' } as const;

/** A second line. */
export function detail(notice: Notice): string {
  switch (notice.kind) {
    case 'incident': {
      const { cause, onset } = notice;
      const since = `Since ${new Date(onset).toISOString()}.`;
      if (cause === undefined) return `${since} No cause was found.`;
      return `${since} Likeliest cause: ${cause.fault} at ${words(placeKey(cause.at))}. ${FAULTS[cause.fault]}`;
    }
    case 'proposal': {
      const patch = Object.entries(notice.patch).map(([name, value]) => `${name} ${value}`);
      const by = notice.by === undefined ? '' : ` By ${words(notice.by)}.`;
      return `${patch.join(', ')}. Nothing changes before a person merges it.${by}`;
    }
    case 'postmortem':
      return '';
  }
}

/** An address that may be shown as one; others are no links. */
export function linkOf(notice: Notice): string | undefined {
  const url = notice.kind === 'incident' ? undefined : notice.url;
  return url !== undefined && /^https?:\/\/[^\s"'<>|\\^`{}]{1,2000}$/.test(url) ? url : undefined;
}

/** Words of others on one line: no line ends, controls or marks of direction, and not too many. */
export function words(text: string): string {
  const line = text.replaceAll(/[\s\p{Cc}\p{Cf}]+/gu, ' ').trim();
  return line.length > WORDS_MAX ? `${line.slice(0, WORDS_MAX)}…` : line;
}
