import { parseNumber } from '../config/env.js';
import {
  admins,
  changeAdmin,
  changeSuspension,
  createPerson,
  createTokenFor,
  type IssuedToken,
} from '../domain/admin/admins.js';
import { parseFlags } from '../verbs/flags.js';
import type { VerbIo } from '../verbs/verb.js';
import { onlyArgument, type AdminCommand } from './command.js';

const MOST_DAYS = 36_500;

/** `admin create NAME [--no-admin] [--days N]` */
export const createCommand: AdminCommand = async (session, args, io) => {
  const { values, positionals } = parseFlags('admin', args, {
    'no-admin': { type: 'boolean' },
    days: { type: 'string' },
  });
  const name = onlyArgument('create', 'NAME', positionals);
  const isAdmin = values['no-admin'] !== true;
  const issued = await createPerson(session, session.caller, { name, isAdmin, days: parseDays(values.days) });
  io.stderr(`${name} is ${isAdmin ? 'an administrator' : 'somebody here'}; the token ${onceAnd(issued)}\n`);
  return show(issued, io);
};

/** `admin token NAME [--days N]` */
export const tokenCommand: AdminCommand = async (session, args, io) => {
  const { values, positionals } = parseFlags('admin', args, { days: { type: 'string' } });
  const name = onlyArgument('token', 'NAME', positionals);
  const issued = await createTokenFor(session, session.caller, { name, days: parseDays(values.days) });
  io.stderr(`another token for ${name}; it ${onceAnd(issued)}\n`);
  return show(issued, io);
};

function parseDays(text: string | undefined): number | undefined {
  return text === undefined ? undefined : parseNumber('--days', text, { least: 1, most: MOST_DAYS });
}

function onceAnd({ expiresAt }: IssuedToken): string {
  return `is shown once, and ${expiresAt ? `expires at ${expiresAt.toISOString()}` : 'never expires'}`;
}

function show({ token }: IssuedToken, io: VerbIo): number {
  io.stdout(`${token}\n`);
  return 0;
}

/** `admin list` */
export const listCommand: AdminCommand = async (session, args, io) => {
  onlyArgument('list', undefined, args);
  for (const { name, createdAt, suspendedAt } of await admins(session, session.caller))
    io.stdout(
      `${name} since ${createdAt.toISOString()}${suspendedAt === null ? '' : `, suspended since ${suspendedAt.toISOString()}`}\n`,
    );
  return 0;
};

/** `admin grant NAME` and `admin revoke NAME [--force]` */
export function grantCommand(verb: 'grant' | 'revoke'): AdminCommand {
  return async (session, args, io) => {
    const isAdmin = verb === 'grant';
    const { name, isForced } = parseTaking(verb, args, !isAdmin);
    const changed = await changeAdmin(session, session.caller, name, { isAdmin, isForced });
    io.stdout(`${name} is ${isAdmin ? 'an' : 'no'} administrator${changed ? '' : ' already'}\n`);
    return 0;
  };
}

/** `admin suspend NAME [--force]` and `admin unsuspend NAME` */
export function suspendCommand(verb: 'suspend' | 'unsuspend'): AdminCommand {
  return async (session, args, io) => {
    const isSuspended = verb === 'suspend';
    const { name, isForced } = parseTaking(verb, args, isSuspended);
    const changed = await changeSuspension(session, session.caller, name, { isSuspended, isForced });
    io.stdout(`${name} is ${isSuspended ? 'locked out' : 'let in'}${changed ? '' : ' already'}\n`);
    return 0;
  };
}

/** Only what takes something from somebody can be forced. */
function parseTaking(verb: string, args: readonly string[], isTaking: boolean) {
  if (!isTaking) return { name: onlyArgument(verb, 'NAME', args), isForced: false };
  const { values, positionals } = parseFlags('admin', args, { force: { type: 'boolean' } });
  return { name: onlyArgument(verb, 'NAME', positionals), isForced: values.force === true };
}
