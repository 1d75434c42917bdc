import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parsePidFile } from './pidfile.js';

const READY = '4711\n/data/postgres\n1700000000\n35783\n\n127.0.0.1\n  5433 16\nready   \n';

describe('a postmaster.pid', () => {
  it('gives process, folder, port and status of a server that is ready', () => {
    expect(parsePidFile(READY)).toEqual({
      pid: 4711,
      dataDir: '/data/postgres',
      port: 35_783,
      status: 'ready',
    });
  });

  it('gives what is there of a server that has only begun', () => {
    expect(parsePidFile('4711\n/data/postgres\n1700000000\n')).toEqual({
      pid: 4711,
      dataDir: '/data/postgres',
    });
  });

  it.each([
    '',
    '\n',
    '4711',
    '0\n/data',
    '-1\n/data',
    '1e3\n/data',
    '99999999999\n/data',
    '2147483648\n/data',
  ])('is refused when it reads %j', (text) => {
    expect(parsePidFile(text)).toBeUndefined();
  });

  it('has no port outside the range of ports', () => {
    expect(parsePidFile(READY.replace('35783', '65536'))).not.toHaveProperty('port');
    expect(parsePidFile(READY.replace('35783', '0'))).not.toHaveProperty('port');
  });

  it('never makes a process id that is not one out of other text', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const pid = parsePidFile(text)?.pid;
        expect(pid === undefined || (Number.isSafeInteger(pid) && pid > 0)).toBe(true);
      }),
    );
  });
});
