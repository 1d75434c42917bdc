import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isServerOf, parsePidFile } from './pidfile.js';

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

describe('the process that a postmaster.pid names', () => {
  const dirs = ['/data/my sheaf/postgres'];
  const line = '/opt/my app/bin/postgres -D /data/my sheaf/postgres -p 5432';

  it('is a server of the cluster by its command line, where its folder cannot be read', () => {
    expect(isServerOf(line, undefined, dirs)).toBe(true);
    expect(isServerOf('postgres -D /data/my sheaf/postgres', undefined, dirs)).toBe(true);
  });

  it('is a server of the cluster by its folder, where that was renamed', () => {
    expect(isServerOf('/opt/bin/postgres -D /data/old -p 1', dirs[0], dirs)).toBe(true);
  });

  it.each([
    ['/opt/bin/postgres -D /data/my sheaf/postgres2 -p 1', '/data/my sheaf/postgres2'],
    ['/opt/bin/postgres -D /data/other -p 1', undefined],
    ['vim /data/my sheaf/postgres', '/data/my sheaf/postgres'],
    ['-bash', '/data/my sheaf/postgres'],
    ['', undefined],
  ])('is a stranger with the command line %j in %j', (commandLine, workingDir) => {
    expect(isServerOf(commandLine, workingDir, dirs)).toBe(false);
  });
});
