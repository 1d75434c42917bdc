import { check, constantFrom, assert, integer, oneof, property, record, array, constant } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CLOSED, enter, FAILURES, giveUp, leave, MAX_PAUSE_MS, PAUSE_MS, type Circuit } from './circuit.js';

/** What may happen: time passes, a call asks to go out, one of those that are out comes back. */
const EVENT = oneof(
  record({ kind: constant('pass' as const), ms: integer({ min: 0, max: 2 * PAUSE_MS }) }),
  record({ kind: constant('ask' as const) }),
  record({
    kind: constantFrom('well' as const, 'ill' as const, 'none' as const),
    which: integer({ min: 0, max: 9 }),
  }),
);

interface World {
  circuit: Circuit;
  now: number;
  readonly out: number[];
}

describe('a circuit', () => {
  it('lets at most one call try a server that is left alone, and none before its time', () => {
    assert(
      property(array(EVENT, { maxLength: 200 }), (events) => {
        const world: World = { circuit: CLOSED, now: 0, out: [] };
        for (const event of events) {
          const before = world.circuit;
          if (event.kind === 'pass') world.now += event.ms;
          else if (event.kind === 'ask') {
            const entrance = enter(before, world.now);
            world.circuit = entrance.circuit;
            if ('permit' in entrance) {
              world.out.push(entrance.permit);
              if (before.state !== 'closed') {
                expect(world.now).toBeGreaterThanOrEqual(before.until);
                expect(world.circuit.state).toBe('half-open');
                // Whoever asks at the same moment waits.
                expect('waitMs' in enter(world.circuit, world.now)).toBe(true);
              }
            } else {
              expect(entrance.waitMs).toBeGreaterThan(0);
              expect(entrance.waitMs).toBeLessThanOrEqual(MAX_PAUSE_MS);
              expect(world.circuit).toBe(before);
            }
          } else {
            const [permit] = world.out.splice(event.which, 1);
            if (permit === undefined) continue;
            world.circuit =
              event.kind === 'none'
                ? giveUp(before, permit, world.now)
                : leave(before, permit, event.kind === 'well', world.now);
            // What was called in an earlier state decides nothing.
            if (permit !== before.number) expect(world.circuit).toBe(before);
          }
          expect(world.circuit.number).toBeGreaterThanOrEqual(before.number);
          if (world.circuit.state === 'closed') expect(world.circuit.failures).toBeLessThan(FAILURES);
          else expect(world.circuit.pauseMs).toBeLessThanOrEqual(MAX_PAUSE_MS);
        }
        // Whatever has happened, a server is tried again in the end.
        expect('permit' in enter(world.circuit, world.now + MAX_PAUSE_MS)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('opens only after failures in a row', () => {
    expect(
      check(
        property(array(constantFrom(true, false), { maxLength: 50 }), (results) => {
          let circuit = CLOSED;
          let inARow = 0;
          for (const isWell of results) {
            if (circuit.state !== 'closed') break;
            circuit = leave(circuit, circuit.number, isWell, 0);
            inARow = isWell ? 0 : inARow + 1;
            expect(circuit.state).toBe(inARow >= FAILURES ? 'open' : 'closed');
          }
        }),
      ).failed,
    ).toBe(false);
  });

  it('waits twice as long each time that a try fails, up to five minutes, and closes when one succeeds', () => {
    let circuit = CLOSED;
    for (let failure = 0; failure < FAILURES; failure += 1) circuit = leave(circuit, 0, false, 0);
    const pauses: number[] = [];
    let now = 0;
    for (let round = 0; round < 6; round += 1) {
      const refused = enter(circuit, now);
      if (!('waitMs' in refused)) throw new TypeError('it is not open');
      pauses.push(refused.waitMs);
      now += refused.waitMs;
      const tried = enter(circuit, now);
      if (!('permit' in tried)) throw new TypeError('it is not tried');
      circuit = leave(tried.circuit, tried.permit, round === 5, now);
    }
    expect(pauses).toEqual([30_000, 60_000, 120_000, 240_000, 300_000, 300_000]);
    expect(circuit).toMatchObject({ state: 'closed', failures: 0 });
  });

  it('lets another call try at once when the one that tried was cancelled', () => {
    const open: Circuit = { number: 1, state: 'open', pauseMs: PAUSE_MS, until: 10 };
    const first = enter(open, 10);
    if (!('permit' in first)) throw new TypeError('it is not tried');
    const after = giveUp(first.circuit, first.permit, 20);
    const second = enter(after, 20);
    expect(second).toMatchObject({ permit: first.permit + 1 });
    // The first one comes back late, and decides nothing.
    expect(leave(second.circuit, first.permit, true, 30)).toBe(second.circuit);
  });
});
