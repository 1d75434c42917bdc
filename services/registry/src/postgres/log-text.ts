const MAX_REASON_LENGTH = 300;

/**
 * Why a server stopped, out of its log: the last fatal message, else the last line; printable characters only, at most 300.
 * Undefined for an empty log.
 */
export function lastLine(log: string): string | undefined {
  const lines = log
    .split('\n')
    .map((line) => line.replace(/[^\x20-\x7e]/g, ' ').trim())
    .filter((line) => line !== '');
  const line = lines.findLast((text) => /\b(?:FATAL|PANIC|error):/.test(text)) ?? lines.at(-1);
  return line?.replace(/^.*?\b(?:FATAL|PANIC|error): */, '').slice(0, MAX_REASON_LENGTH);
}

/** What to do about a server that did not start. */
export type StartFailure = 'port_taken' | 'already_running' | 'shared_memory_busy' | 'other';

/** Sorts the log of a server that did not start (messages of PostgreSQL 15 to 18; the server runs with `LC_ALL=C`). */
export function classifyStartFailure(log: string): StartFailure {
  if (log.includes('pre-existing shared memory block')) return 'shared_memory_busy';
  if (/lock file "postmaster\.pid" (?:already exists|is empty)/.test(log)) return 'already_running';
  if (/could not (?:bind|create any) (?:IPv4|TCP\/IP)/.test(log)) return 'port_taken';
  return 'other';
}
