import type { AegisCluster } from '@aegis/crds';
import { DAY_MS } from './lifetime.js';

/**
 * On an AegisCluster: a person's wish, any new value. On a Secret: the value that it was made for, so that a wish is met once,
 * whatever happens in between.
 */
export const ROTATE_CERTIFICATES = 'aegis.dev/rotate-certificates';
export const ROTATE_AUTHORITY = 'aegis.dev/rotate-authority';
/** On an AegisCluster: how long clients have to take what is new before the next step of a rotation. */
export const OVERLAP = 'aegis.dev/authority-overlap';
/** On the Secret of the members: since when its step of a rotation stands. */
export const STEP_SINCE = 'aegis.dev/step-since';

const UNITS_MS = { s: 1_000, m: 60_000, h: 3_600_000, d: DAY_MS } as const;

/**
 * How long each step of a rotation stands at least, in milliseconds: as long as any client has that reads its Secret again only
 * because its certificate ends, unless an annotation says otherwise. A text is why the annotation cannot be read.
 */
export function overlapMs({ metadata, spec }: AegisCluster): number | string {
  const said = metadata.annotations?.[OVERLAP];
  const usual = (spec.tls.certificateDays * DAY_MS) / 3;
  if (said === undefined) return usual;
  const parts = /^(\d{1,6})([smhd])$/.exec(said);
  if (parts === null)
    return `the annotation ${OVERLAP} is "${said}"; it must be a time such as 0s, 10m, 24h or 30d`;
  const ms = Number(parts[1]) * UNITS_MS[parts[2] as keyof typeof UNITS_MS];
  // Longer than usual, the authority could end before the rotation does.
  if (ms > usual)
    return `the annotation ${OVERLAP} is "${said}"; it must not be longer than a third of spec.tls.certificateDays`;
  return ms;
}

/** Whether a person asks for something that this object was not made for. Nothing is asked for by taking the annotation away. */
export function isWished(
  annotation: string,
  cluster: AegisCluster,
  madeFor: { readonly annotations?: Readonly<Record<string, string>> } | undefined,
): boolean {
  const wish = cluster.metadata.annotations?.[annotation];
  return wish !== undefined && wish !== madeFor?.annotations?.[annotation];
}

/** The wish as an annotation of what is made for it. */
export function madeFor(annotation: string, { metadata }: AegisCluster): Record<string, string> {
  const wish = metadata.annotations?.[annotation];
  return wish === undefined ? {} : { [annotation]: wish };
}
