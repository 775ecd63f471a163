import { CLASSES, type IncidentClass } from '../diagnose/index.js';

/** What one look at the cluster showed. Times are milliseconds since 1970. */
export interface Look {
  readonly at: number;
  /** Whether enough was heard to say that nothing is wrong. */
  readonly told: boolean;
  /** Classes that stand now, each with its onset. */
  readonly standing: readonly { readonly class: IncidentClass; readonly onset: number }[];
}

export interface OpenIncident {
  readonly id: string;
  /** Every class that stood since it began. */
  readonly classes: readonly IncidentClass[];
  readonly onset: number;
  readonly openedAt: number;
  /** When a class stood last. */
  readonly lastSeen: number;
}

/** What is known between two looks. */
export interface Tracked {
  readonly open: OpenIncident | undefined;
  /** Looks in a row in which a class stood, while none is open. */
  readonly streak: number;
}

export type TrackerEvent =
  | { readonly kind: 'opened' | 'joined'; readonly incident: OpenIncident }
  /** `endedAt`: when a class stood last. */
  | { readonly kind: 'ended'; readonly incident: OpenIncident; readonly endedAt: number };

/** A class has to stand in so many looks in a row: one look is one scrape's word. */
export const OPEN_LOOKS = 2;
/** No class for so long ends an incident; what comes back sooner is the same one. */
export const END_MS = 60_000;

export const NOTHING: Tracked = { open: undefined, streak: 0 };

/**
 * One look further: at most one incident is open, whatever its classes. It opens when a class stands in two looks in a row, takes on every
 * class that stands meanwhile, and ends when a minute passed in which none did. A look that cannot tell ends nothing. Pure.
 */
export function track(
  { open, streak }: Tracked,
  look: Look,
): { readonly next: Tracked; readonly event: TrackerEvent | undefined } {
  const stands = look.standing.length > 0;
  if (open === undefined) {
    if (!stands || streak + 1 < OPEN_LOOKS)
      return { next: { open, streak: stands ? streak + 1 : 0 }, event: undefined };
    const incident: OpenIncident = {
      id: idOf(look.at),
      classes: ordered(look.standing.map((each) => each.class)),
      onset: Math.min(...look.standing.map(({ onset }) => onset)),
      openedAt: look.at,
      lastSeen: look.at,
    };
    return { next: { open: incident, streak: 0 }, event: { kind: 'opened', incident } };
  }
  if (stands) {
    const classes = ordered([...open.classes, ...look.standing.map((each) => each.class)]);
    const incident = { ...open, classes, lastSeen: look.at };
    const joined = classes.length > open.classes.length;
    return {
      next: { open: incident, streak: 0 },
      event: joined ? { kind: 'joined', incident } : undefined,
    };
  }
  if (!look.told || look.at - open.lastSeen < END_MS) return { next: { open, streak: 0 }, event: undefined };
  return { next: NOTHING, event: { kind: 'ended', incident: open, endedAt: open.lastSeen } };
}

/** At most one opens in a second, because two looks are needed. */
function idOf(at: number): string {
  return `i-${new Date(at).toISOString().slice(0, 19).replaceAll(/[-:]/g, '').toLowerCase()}z`;
}

function ordered(classes: readonly IncidentClass[]): IncidentClass[] {
  return CLASSES.filter((name) => classes.includes(name));
}
