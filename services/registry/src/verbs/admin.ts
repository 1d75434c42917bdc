import type { AdminCommand } from '../admin/command.js';
import { parseConfig } from '../config.js';
import { usageError } from '../config/env.js';
import { dataDirArgs } from './flags.js';
import { logTo } from './log-to.js';
import type { Verb } from './verb.js';

/** `sheaf-registry admin`: what an administrator does at the command line. Every change is in the audit. */
export const adminVerb: Verb = {
  name: 'admin',
  usage: `usage: sheaf-registry admin COMMAND [--data-dir DIR]

  create NAME [--no-admin] [--days N]
                                  make a new administrator, or somebody who is none; prints a token once
  token NAME [--days N]           another token for somebody; prints it once
  list                            the administrators
  grant NAME, revoke NAME         make somebody an administrator, or none any more, whose webhooks for that stop
  suspend NAME, unsuspend NAME    lock somebody out and stop their webhooks, or let them in again
  --force                         revoke or suspend the last administrator too
  quarantine REF --reason R       withhold a version, such as acme/deploy@1.2.0
  unquarantine REF                hand it out again
  limits set SUBJECT [--bytes N] [--versions N] [--workflows N] [--requests N] [--days N] [--reason R]
                                  limits of a namespace, or of token:ID, in place of the defaults, for some days;
                                  what is not named stays as it was set, N may be default, and of days none
  limits set user:NAME --namespaces N [--days N] [--reason R]
                                  how many namespaces somebody is a member of at most
  limits remove SUBJECT           the defaults again
  limits show SUBJECT             what holds for it, and how much of that is used
  limits list                     the limits that were set
  --data-dir DIR                  as for serve

It works beside a service that runs, on the same database.
`,
  run: async (args, env, io) => {
    const { dataDir, rest } = takeDataDir(args);
    const [name = '', ...more] = rest;
    const command = (await loadCommands()).get(name);
    if (!command)
      throw usageError(
        `there is no admin command ${JSON.stringify(name)}`,
        'see sheaf-registry admin --help',
      );
    const config = parseConfig(dataDirArgs(dataDir), env, true);
    const { openAdmin } = await import('../admin/open-admin.js');
    const session = await openAdmin(config, logTo(config.server.logLevel));
    try {
      return await command(session, more, io);
    } finally {
      await session.close();
    }
  },
};

async function loadCommands(): Promise<ReadonlyMap<string, AdminCommand>> {
  const people = await import('../admin/people.js');
  const { quarantineCommand, unquarantineCommand } = await import('../admin/quarantine.js');
  const { limitsCommand } = await import('../admin/limits.js');
  return new Map<string, AdminCommand>([
    ['create', people.createCommand],
    ['list', people.listCommand],
    ['grant', people.grantCommand('grant')],
    ['revoke', people.grantCommand('revoke')],
    ['token', people.tokenCommand],
    ['suspend', people.suspendCommand('suspend')],
    ['unsuspend', people.suspendCommand('unsuspend')],
    ['quarantine', quarantineCommand],
    ['unquarantine', unquarantineCommand],
    ['limits', limitsCommand],
  ]);
}

/** Each command has flags of its own; this one belongs to all of them. */
function takeDataDir(args: readonly string[]): { dataDir: string | undefined; rest: readonly string[] } {
  const at = args.indexOf('--data-dir');
  if (at === -1) return { dataDir: undefined, rest: args };
  const dataDir = args[at + 1];
  if (dataDir === undefined) throw usageError('--data-dir needs a folder', 'see sheaf-registry admin --help');
  return { dataDir, rest: [...args.slice(0, at), ...args.slice(at + 2)] };
}
