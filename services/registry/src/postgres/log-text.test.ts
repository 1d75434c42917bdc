import { describe, expect, it } from 'vitest';
import { classifyStartFailure, lastLine } from './log-text.js';

const PORT_TAKEN = `LOG:  could not bind IPv4 address "127.0.0.1": Address already in use
HINT:  Is another postmaster already running on port 5432?
WARNING:  could not create listen socket for "127.0.0.1"
FATAL:  could not create any TCP/IP sockets
LOG:  database system is shut down
`;

describe('the log of a server that did not start', () => {
  it.each([
    ['port_taken', PORT_TAKEN],
    ['shared_memory_busy', 'FATAL:  pre-existing shared memory block (key 1, ID 2) is still in use\n'],
    ['already_running', 'FATAL:  lock file "postmaster.pid" already exists\n'],
    ['other', 'FATAL:  could not write lock file "postmaster.pid": No space left on device\n'],
    ['other', ''],
  ])('is known as %s', (failure, log) => {
    expect(classifyStartFailure(log)).toBe(failure);
  });

  it('is summed up by its last fatal message without the time and process', () => {
    const log =
      '2026-01-01 00:00:00 UTC [7] FATAL:  data directory has wrong ownership\n[7] LOG:  shut down\n';
    expect(lastLine(log)).toBe('data directory has wrong ownership');
  });

  it('is summed up by its last line when nothing is fatal', () => {
    expect(lastLine('one\ntwo\n\n')).toBe('two');
    expect(lastLine('\n')).toBeUndefined();
  });

  it('is never repeated with control characters or without end', () => {
    expect(lastLine(`FATAL:  a\u001b[2Jb\u202ec`)).toBe('a [2Jb c');
    expect(lastLine('x'.repeat(10_000))).toHaveLength(300);
  });
});
