import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseLinuxStat, whenEnded } from './process.js';

const REST = 'S 1 42 42 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 123456 789 10';

describe('the state and start of a Linux process', () => {
  it('are read past a name that imitates them', () => {
    expect(parseLinuxStat(`42 (a) Z 1 (b) ${REST}`)).toEqual({ state: 'S', startTicks: '123456' });
  });

  it('are the same whatever the name', () => {
    fc.assert(
      fc.property(fc.string(), (name) => {
        expect(parseLinuxStat(`42 (${name}) ${REST}`)).toEqual({ state: 'S', startTicks: '123456' });
      }),
    );
  });

  it.each(['', '42 (a)', '42 (a) S 1 2', `42 (a) ${REST.replace('123456', 'x')}`])(
    'are unknown for %j',
    (text) => {
      expect(parseLinuxStat(text)).toBeUndefined();
    },
  );
});

describe('the end of a process', () => {
  /** How many looks it takes, of which each finds what is given, to believe it. */
  async function looks(found: readonly boolean[], isIdKnown: boolean): Promise<number> {
    let looked = 0;
    await whenEnded(
      { pid: 42, started: 'boot:1' },
      {
        isAlive: () => Promise.resolve(found[looked++] ?? false),
        hasProcessId: () => isIdKnown,
        pause: () => Promise.resolve(),
      },
    );
    return looked;
  }

  it('is believed at once where nobody has its id', async () => {
    expect(await looks([true, true, false], false)).toBe(3);
  });

  it('is believed when two looks in a row agree where somebody has it', async () => {
    expect(await looks([true, false, true, false, false], true)).toBe(5);
  });
});
