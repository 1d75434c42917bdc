import { parseArgs, type ParseArgsConfig } from 'node:util';
import { usageError } from '../config/env.js';
import { describeFlagFault } from '../config/flag-fault.js';

type Options = NonNullable<ParseArgsConfig['options']>;

/** The flags and other arguments of a verb. @throws StartError `usage.invalid` */
export function parseFlags<const O extends Options>(
  verb: string,
  args: readonly string[],
  options: O,
): ReturnType<typeof parseArgs<{ args: string[]; options: O; strict: true; allowPositionals: true }>> {
  try {
    return parseArgs({ args: [...args], options, strict: true, allowPositionals: true });
  } catch (cause) {
    throw usageError(describeFlagFault(cause), `see sheaf-registry ${verb} --help`);
  }
}

/** The flags that say where the data is, for the configuration. */
export function dataDirArgs(dataDir: string | undefined): readonly string[] {
  return dataDir === undefined ? [] : ['--data-dir', dataDir];
}
