import { expect, test } from 'vitest';
import { createRefreshed } from './refreshed.js';

function setUp() {
  const clock = { ms: 0, sleptMs: 0 };
  const reports: unknown[] = [];
  let fetched = 0;
  let isDown = false;
  const value = createRefreshed(
    {
      now: () => 1_700_000_000_000 + clock.ms + clock.sleptMs,
      elapsedMs: () => clock.ms,
      report: (error) => reports.push(error),
    },
    { freshMs: 1000, usableMs: 10_000, floorMs: 100 },
    () => {
      fetched += 1;
      return isDown ? Promise.reject(new Error('down')) : Promise.resolve(fetched);
    },
  );
  return {
    clock,
    reports,
    value,
    fetched: () => fetched,
    setDown: (down: boolean) => {
      isDown = down;
    },
  };
}

test('is fetched once for many, and kept', async () => {
  const { value, fetched, clock } = setUp();
  expect(await Promise.all([value.get(), value.get()])).toEqual([1, 1]);
  clock.ms = 1000;
  expect(await value.get()).toBe(1);
  expect(fetched()).toBe(1);
});

test('is used while it is fetched anew, also when that fails', async () => {
  const { value, clock, reports, setDown } = setUp();
  expect(value.outcome()).toBe('untried');
  await value.get();
  expect(value.outcome()).toBe('ok');
  setDown(true);
  clock.ms = 1001;
  expect(await value.get()).toBe(1);
  await Promise.resolve();
  await new Promise((resolve) => setImmediate(resolve));
  expect(reports).toHaveLength(1);
  expect(value.outcome()).toEqual(new Error('down'));
  setDown(false);
  clock.ms = 1102;
  expect(await value.get()).toBe(1);
  await new Promise((resolve) => setImmediate(resolve));
  expect(await value.get()).toBe(3);
  expect(value.outcome()).toBe('ok');
});

test('is used no more after its time', async () => {
  const { value, clock, setDown } = setUp();
  await value.get();
  setDown(true);
  clock.ms = 10_001;
  await expect(value.get()).rejects.toThrow('down');
});

test('is used no more after its time when the machine slept, and one clock with it', async () => {
  const { value, clock, setDown } = setUp();
  await value.get();
  setDown(true);
  clock.sleptMs = 10_001;
  await expect(value.get()).rejects.toThrow('down');
});

test('is fetched anew once the machine has slept as long as it is fresh', async () => {
  const { value, clock, fetched } = setUp();
  await value.get();
  clock.sleptMs = 1000;
  await value.get();
  expect(fetched()).toBe(1);
  clock.sleptMs = 1001;
  await value.get();
  expect(fetched()).toBe(2);
});

test('counts for no longer when the clock of the day is set back', async () => {
  const { value, clock, setDown } = setUp();
  await value.get();
  setDown(true);
  clock.ms = 10_001;
  clock.sleptMs = -3_600_000;
  await expect(value.get()).rejects.toThrow('down');
});

test('asks no service more often than the floor allows, up or down', async () => {
  const { value, clock, setDown, fetched } = setUp();
  setDown(true);
  await expect(value.get()).rejects.toThrow('down');
  await expect(value.get()).rejects.toThrow('down');
  expect(fetched()).toBe(1);
  setDown(false);
  clock.ms = 100;
  expect(await value.get()).toBe(2);
  expect(await value.renew()).toBe(2);
  clock.ms = 200;
  expect(await value.renew()).toBe(3);
});
