import { usageError } from '../config/env.js';
import type { VerbIo } from '../verbs/verb.js';
import type { AdminSession } from './open-admin.js';

/** A command of `sheaf-registry admin`. Returns the exit code. */
export type AdminCommand = (session: AdminSession, args: readonly string[], io: VerbIo) => Promise<number>;

/** The one argument of a command, or none when it takes none. @throws StartError `usage.invalid` */
export function onlyArgument(command: string, name: string | undefined, args: readonly string[]): string {
  const [first = '', ...more] = args;
  if (more.length === 0 && (first === '') === (name === undefined)) return first;
  throw usageError(
    `admin ${command} takes ${name === undefined ? 'no argument' : `one argument, ${name}`}`,
    'see sheaf-registry admin --help',
  );
}
