export interface Place {
  readonly x: number;
  readonly y: number;
}

/** Of the picture, both ways. */
export const SIZE = 360;
const RADIUS = 136;

/** Places on a circle, the first at the top, clockwise; one alone is in the middle. */
export function placesOnRing(many: number): Place[] {
  const middle = SIZE / 2;
  if (many === 1) return [{ x: middle, y: middle }];
  return Array.from({ length: many }, (_, at) => {
    const angle = (2 * Math.PI * at) / many - Math.PI / 2;
    return { x: round(middle + RADIUS * Math.cos(angle)), y: round(middle + RADIUS * Math.sin(angle)) };
  });
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
