import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Deadline, type Rank } from './deadline.js';
import { DeadlineQueue } from './queue.js';

type Step =
  | { do: 'add'; atMs: number; rank: Rank; id: number }
  | { do: 'raise'; which: number; byMs: number }
  | { do: 'remove'; which: number }
  | { do: 'take' | 'count'; byMs: number }
  | { do: 'earliest' };

/** Few enough different moments that many things are due at the same one. */
const ms = fc.oneof(fc.constantFrom(0, 1, 300), fc.constantFrom(0, 1, 300), fc.nat(5_000), fc.nat(100_000));
const steps = fc.array(
  fc.oneof(
    fc.record({
      do: fc.constant('add' as const),
      atMs: ms,
      rank: fc.constantFrom<Rank>(0, 1, 2),
      id: fc.nat(5),
    }),
    fc.record({ do: fc.constant('raise' as const), which: fc.nat(), byMs: ms }),
    fc.record({ do: fc.constant('remove' as const), which: fc.nat() }),
    fc.record({ do: fc.constantFrom('take' as const, 'count' as const), byMs: ms }),
    fc.record({ do: fc.constant('earliest' as const) }),
  ),
  { maxLength: 80, size: 'max' },
);

const byOrder = (a: Deadline<string>, b: Deadline<string>): number =>
  a.atMs - b.atMs || a.rank - b.rank || a.idHigh - b.idHigh || a.idLow - b.idLow;

test('gives out what is due in the order of (moment, rank, id), however it was added, raised and removed', () => {
  fc.assert(
    fc.property(steps, (steps: Step[]) => {
      const queue = new DeadlineQueue<string>();
      let model: Deadline<string>[] = [];
      let nowMs = 0;
      let unique = 0;
      for (const step of steps) {
        if (step.do === 'add') {
          const deadline = new Deadline(nowMs + step.atMs, step.rank, step.id, unique++, 'subject');
          queue.add(deadline);
          model.push(deadline);
        } else if (step.do === 'raise' && model.length > 0) {
          model[step.which % model.length]!.atMs += step.byMs;
        } else if (step.do === 'remove' && model.length > 0) {
          const [deadline] = model.splice(step.which % model.length, 1);
          queue.remove(deadline!);
        } else if (step.do === 'take') {
          nowMs += step.byMs;
          const due = model.filter(({ atMs }) => atMs <= nowMs).sort(byOrder);
          const taken: Deadline<string>[] = [];
          while (queue.hasDue(nowMs)) taken.push(queue.takeDue(nowMs)!);
          expect(queue.takeDue(nowMs)).toBeUndefined();
          expect(taken.map(({ atMs, idLow }) => [atMs, idLow])).toEqual(
            due.map(({ atMs, idLow }) => [atMs, idLow]),
          );
          model = model.filter((deadline) => !due.includes(deadline));
        } else if (step.do === 'count') {
          nowMs += step.byMs;
          expect(queue.countDue(nowMs)).toBe(model.filter(({ atMs }) => atMs <= nowMs).length);
        } else if (step.do === 'earliest') {
          expect(queue.earliestMs()).toBe([...model].sort(byOrder)[0]?.atMs);
        }
        expect(queue.size).toBe(model.length);
      }
    }),
    { numRuns: 1000 },
  );
});
