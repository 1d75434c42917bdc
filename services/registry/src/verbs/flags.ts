import { parseArgs, type ParseArgsConfig } from 'node:util';
import { usageError } from '../config/env.js';

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
    const message = (cause as Error).message.split('\n', 1)[0] ?? 'the flags are not valid';
    throw usageError(message, `see sheaf-registry ${verb} --help`, cause);
  }
}

/** The flags that say where the data is, for the configuration. */
export function dataDirArgs(dataDir: string | undefined): readonly string[] {
  return dataDir === undefined ? [] : ['--data-dir', dataDir];
}
