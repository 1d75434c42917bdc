import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { parseCron } from './cron.js';

describe('schedules', () => {
  it.each([
    ['0 3 * * *', { minutes: [0], hours: [3], eitherDay: false }],
    [
      '*/20 1-3 1,15 jan-mar sun',
      {
        minutes: [0, 20, 40],
        hours: [1, 2, 3],
        days: [1, 15],
        months: [1, 2, 3],
        weekdays: [0],
        eitherDay: true,
      },
    ],
    ['5/20 * * * MON-fri', { minutes: [5, 25, 45], weekdays: [1, 2, 3, 4, 5] }],
    ['0 0 29 2 *', { days: [29], months: [2] }],
    ['0 0 * * 0,7', { weekdays: [0] }],
    ['  0   0 31 2 1 ', { days: [31], eitherDay: true }],
  ])('are read as crontab(5) has them: %s', (text, times) => {
    expect(parseCron(text)).toMatchObject({ times });
  });

  it.each([
    ['', 'five fields'],
    ['0 3 * *', 'five fields, not 4'],
    ['@daily', 'five fields, not 1'],
    ['60 * * * *', 'minute lies between 0 and 59'],
    ['* * 0 * *', 'day of the month lies between 1 and 31'],
    ['* * * 13 *', 'month lies between 1 and 12'],
    ['* * * * mo', 'day of the week lies'],
    ['*-3 * * * *', 'minute cannot be read'],
    ['1- * * * *', 'minute cannot be read'],
    ['*/0 * * * *', 'step of the minute is 0'],
    ['5-3 * * * *', 'range of the minute goes backwards'],
    ['0 0 31 4,6 *', 'no day of any year'],
  ])('that cannot be read are told apart: %j', (text, message) => {
    const read = parseCron(text);
    expect('problem' in read ? read.problem.message : '').toContain(message);
  });

  it('have the place of what is wrong', () => {
    expect(parseCron('0 3 * 13 *')).toMatchObject({ problem: { start: 6, end: 8 } });
  });

  it('never fail on any text, and keep values within their fields', () => {
    const field = fc.stringMatching(/^[0-9*/,a-z-]{1,8}$/);
    fc.assert(
      fc.property(fc.array(field, { minLength: 5, maxLength: 5 }), (fields) => {
        const read = parseCron(fields.join(' '));
        if ('problem' in read) expect(read.problem.end).toBeGreaterThan(read.problem.start);
        else {
          const { minutes, hours, days, months, weekdays } = read.times;
          for (const values of [minutes, hours, days, months, weekdays]) {
            expect(values.length).toBeGreaterThan(0);
            expect([...values].sort((a, b) => a - b)).toEqual([...new Set(values)]);
          }
          expect(Math.max(...weekdays)).toBeLessThan(7);
        }
      }),
    );
  });
});
