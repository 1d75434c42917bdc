import {
  admins,
  changeAdmin,
  changeSuspension,
  createAdmin,
  createAdminToken,
} from '../domain/admin/admins.js';
import { onlyArgument, type AdminCommand } from './command.js';

/** `admin create NAME` */
export const createCommand: AdminCommand = async (session, args, io) => {
  const name = onlyArgument('create', 'NAME', args);
  const token = await createAdmin(session, session.caller, name);
  io.stderr(`${name} is an administrator; the token is shown once\n`);
  io.stdout(`${token}\n`);
  return 0;
};

/** `admin token NAME` */
export const tokenCommand: AdminCommand = async (session, args, io) => {
  const name = onlyArgument('token', 'NAME', args);
  const token = await createAdminToken(session, session.caller, name);
  io.stderr(`another token for ${name}; it is shown once\n`);
  io.stdout(`${token}\n`);
  return 0;
};

/** `admin list` */
export const listCommand: AdminCommand = async (session, args, io) => {
  onlyArgument('list', undefined, args);
  for (const { name, createdAt, suspendedAt } of await admins(session, session.caller))
    io.stdout(
      `${name} since ${createdAt.toISOString()}${suspendedAt === null ? '' : `, suspended since ${suspendedAt.toISOString()}`}\n`,
    );
  return 0;
};

/** `admin grant NAME` and `admin revoke NAME` */
export function grantCommand(verb: 'grant' | 'revoke'): AdminCommand {
  return async (session, args, io) => {
    const name = onlyArgument(verb, 'NAME', args);
    const isAdmin = verb === 'grant';
    const changed = await changeAdmin(session, session.caller, name, isAdmin);
    io.stdout(`${name} is ${isAdmin ? 'an' : 'no'} administrator${changed ? '' : ' already'}\n`);
    return 0;
  };
}

/** `admin suspend NAME` and `admin unsuspend NAME` */
export function suspendCommand(verb: 'suspend' | 'unsuspend'): AdminCommand {
  return async (session, args, io) => {
    const name = onlyArgument(verb, 'NAME', args);
    const isSuspended = verb === 'suspend';
    const changed = await changeSuspension(session, session.caller, name, isSuspended);
    io.stdout(`${name} is ${isSuspended ? 'locked out' : 'let in'}${changed ? '' : ' already'}\n`);
    return 0;
  };
}
