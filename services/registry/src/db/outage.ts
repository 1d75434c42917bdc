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

/** Whether the database has answered, and refused what was asked of it. */
export function isRefusedByDatabase(error: unknown): boolean {
  return error instanceof pg.DatabaseError && !isDatabaseOutage(error);
}
