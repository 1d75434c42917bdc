import pg from 'pg';

const SOCKET_ERRORS = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EHOSTUNREACH',
]);
/** Classes of SQLSTATE: 08 connection exception, 53 insufficient resources, 57P operator intervention (PostgreSQL, appendix A). */
const OUTAGE_STATE = /^(?:08...|53...|57P0[1-5])$/;
/** Errors of the driver that carry no code. */
const DRIVER_OUTAGE =
  /^(?:Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error)/;

/** Whether an error says that the database cannot be used now, whatever was asked of it. */
export function isDatabaseOutage(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return SOCKET_ERRORS.has(code) || OUTAGE_STATE.test(code) || DRIVER_OUTAGE.test(error.message);
}

/** Classes of SQLSTATE: 22 data exception, 23 integrity constraint violation, 54 program limit exceeded. */
const REFUSED_STATE = /^(?:22|23|54)/;

/** Whether the database refused what it was given: the same would be refused again. */
export function isRefusedByDatabase(error: unknown): boolean {
  return error instanceof pg.DatabaseError && REFUSED_STATE.test(error.code ?? '');
}
