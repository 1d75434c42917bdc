import { join } from 'node:path';
import { CliError } from '../frame/errors.js';

/** Where sheaf keeps things, by the XDG base directory specification. Each is looked up only when it is needed. */
export interface Paths {
  /** `config.toml`, `credentials.json`, `keys/`. */
  readonly config: () => string;
  /** Pins, checkpoints, consents, runs, evidence. */
  readonly state: () => string;
  /** Bundles and receipts; may be deleted at any time. */
  readonly cache: () => string;
}

type Env = Readonly<Record<string, string | undefined>>;

const VARIABLES = [
  ['config', 'XDG_CONFIG_HOME'],
  ['state', 'XDG_STATE_HOME'],
  ['cache', 'XDG_CACHE_HOME'],
] as const;

/** Adds to a failure about one of these folders the variable that puts it elsewhere. */
export function withVariable<
  R extends { readonly code: string; readonly message: string; readonly help: readonly string[] },
>(report: R, paths: Paths): R {
  if (!/^(file\.|trust\.unusable$|cache\.|store\.)/.test(report.code)) return report;
  // The system names the first folder that it could not make, which may lie above.
  const [path = ''] = report.message.split(': ', 1);
  const found = VARIABLES.find(([kind]) => {
    const dir = tryFind(paths[kind]);
    return dir !== undefined && (report.message.includes(dir) || dir.startsWith(`${path}/`));
  });
  if (found === undefined) return report;
  return { ...report, help: [...report.help, `or set ${found[1]} to a folder that you can write to`] };
}

function tryFind(find: () => string): string | undefined {
  try {
    return find();
  } catch {
    // Neither variable nor home: then nothing is kept there either.
    return undefined;
  }
}

/**
 * Reads the directories from the environment. A relative `XDG_…` is ignored, as the specification says.
 *
 * @throws CliError `config.home_missing` from the functions, when there is neither the variable nor HOME
 */
export function findPaths(env: Env, isAbsolute: (path: string) => boolean): Paths {
  const absolute = (value: string | undefined): string | undefined =>
    value !== undefined && value !== '' && isAbsolute(value) ? value : undefined;
  const find = (variable: string, fallback: readonly string[]): string => {
    const given = absolute(env[variable]);
    if (given !== undefined) return join(given, 'sheaf');
    const home = absolute(env['HOME']) ?? absolute(env['USERPROFILE']);
    if (home !== undefined) return join(home, ...fallback, 'sheaf');
    throw new CliError('config.home_missing', `neither ${variable} nor HOME says where to keep files`, {
      hint: `set HOME, or ${variable}, to an absolute path`,
    });
  };
  return {
    config: () => find('XDG_CONFIG_HOME', ['.config']),
    state: () => find('XDG_STATE_HOME', ['.local', 'state']),
    cache: () => join(find('XDG_CACHE_HOME', ['.cache']), 'workflows'),
  };
}
