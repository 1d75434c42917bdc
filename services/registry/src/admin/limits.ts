import { usageError } from '../config/env.js';
import { clearLimits, listOverrides, reportLimits, setLimits } from '../domain/limits/limits.js';
import type { LimitChange } from '../domain/limits/change.js';
import type { LimitSubject } from '../domain/limits/subjects.js';
import { parseFlags } from '../verbs/flags.js';
import { onlyArgument, type AdminCommand } from './command.js';

const DAY_MS = 24 * 60 * 60 * 1000;

/** `admin limits set SUBJECT …`, `admin limits remove SUBJECT`, `admin limits show SUBJECT` and `admin limits list` */
export const limitsCommand: AdminCommand = (session, [verb = '', ...args], io) => {
  const command = COMMANDS.get(verb);
  if (!command)
    throw usageError(
      `there is no admin limits ${JSON.stringify(verb)}`,
      'use admin limits set, remove, show or list',
    );
  return command(session, args, io);
};

const setCommand: AdminCommand = async (session, args, io) => {
  const { values, positionals } = parseFlags('admin', args, {
    bytes: { type: 'string' },
    versions: { type: 'string' },
    workflows: { type: 'string' },
    requests: { type: 'string' },
    namespaces: { type: 'string' },
    days: { type: 'string' },
    reason: { type: 'string' },
  });
  const subject = parseSubject(onlyArgument('limits set', 'SUBJECT', positionals));
  if (Object.keys(values).length === 0)
    throw usageError(
      'admin limits set names no limit',
      'use --bytes, --versions, --workflows or --requests, or for user:NAME --namespaces; admin limits remove sets the defaults again',
    );
  const days = parseCount('--days', values.days, 'none');
  const change: LimitChange = {
    bytes: parseCount('--bytes', values.bytes, 'default'),
    versions: parseCount('--versions', values.versions, 'default'),
    workflows: parseCount('--workflows', values.workflows, 'default'),
    requestsPerMinute: parseCount('--requests', values.requests, 'default'),
    namespaces: parseCount('--namespaces', values.namespaces, 'default'),
    reason: values.reason,
    expiresAt: typeof days === 'number' ? new Date(session.now() + days * DAY_MS) : days,
  };
  const set = await setLimits(session, session.caller, subject, change);
  io.stdout(
    set === undefined
      ? `${shown(subject)} has the default limits\n`
      : `the limits of ${shown(subject)} are set\n`,
  );
  return 0;
};

const removeCommand: AdminCommand = async (session, args, io) => {
  const subject = parseSubject(onlyArgument('limits remove', 'SUBJECT', args));
  const wasSet = await clearLimits(session, session.caller, subject);
  io.stdout(`${shown(subject)} has the default limits${wasSet ? '' : ' already'}\n`);
  return 0;
};

const showCommand: AdminCommand = async (session, args, io) => {
  const { subject, ...report } = await reportLimits(
    session,
    parseSubject(onlyArgument('limits show', 'SUBJECT', args)),
  );
  io.stdout(`${JSON.stringify({ subject: shown(subject), ...report })}\n`);
  return 0;
};

const listCommand: AdminCommand = async (session, args, io) => {
  onlyArgument('limits list', undefined, args);
  for (const { subject, override } of await listOverrides(session))
    io.stdout(`${JSON.stringify({ subject: shown(subject), ...override })}\n`);
  return 0;
};

const COMMANDS: ReadonlyMap<string, AdminCommand> = new Map([
  ['set', setCommand],
  ['remove', removeCommand],
  ['show', showCommand],
  ['list', listCommand],
]);

/** A namespace by its name, a token by its id: 16 hex digits behind `token:`, a person by their name behind `user:`. */
function parseSubject(text: string): LimitSubject {
  if (text.startsWith('user:')) return { kind: 'user', name: text.slice('user:'.length) };
  if (text.startsWith('token:')) return { kind: 'token', id: text.slice('token:'.length) };
  return { kind: 'namespace', name: text };
}

function shown(subject: LimitSubject): string {
  switch (subject.kind) {
    case 'namespace':
      return subject.name;
    case 'user':
      return `user:${subject.name}`;
    case 'token':
      return `token:${subject.id}`;
  }
}

/** Null for the word that takes a number back. */
function parseCount(flag: string, text: string | undefined, reset: string): number | null | undefined {
  if (text === undefined) return undefined;
  if (text === reset) return null;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw usageError(`${flag} ${JSON.stringify(text)} is not valid`, `use a whole number, or ${reset}`);
}
