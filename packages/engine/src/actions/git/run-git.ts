import { printable, quote } from '@sheaf/workflow';
import { ActionError } from '../action-error.js';
import type { ActionContext } from '../action.js';
import { allowedPath } from '../access.js';
import { assertProgram } from '../allowed-program.js';
import { textOf, type Inputs } from '../inputs.js';

/** Of what git prints. */
const MAX_BYTES = 8 * 1_048_576;

/**
 * A repository can name programs in its settings. None of them is run, and nothing is fetched: neither hooks nor monitors, pagers,
 * external diffs or signature checks (CVE-2022-24765 and its kin).
 */
const SETTINGS = [
  'core.fsmonitor=false',
  'core.hooksPath=/dev/null',
  'core.pager=cat',
  'core.quotePath=false',
  'diff.external=',
  'diff.noprefix=false',
  'diff.mnemonicPrefix=false',
  'i18n.logOutputEncoding=UTF-8',
  'log.showSignature=false',
  'protocol.allow=never',
  'protocol.ext.allow=never',
  'safe.bareRepository=explicit',
].flatMap((setting) => ['-c', setting]);

/** Variables that name programs or other repositories. */
const DROPPED =
  /^GIT_(?:ALTERNATE_OBJECT_DIRECTORIES|ASKPASS|CONFIG.*|DIR|EDITOR|EXEC_PATH|EXTERNAL_DIFF|INDEX_FILE|NAMESPACE|OBJECT_DIRECTORY|PAGER|PROXY_COMMAND|SSH.*|TRACE.*|WORK_TREE)$/;

export interface GitEnd {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A repository to ask. */
export interface Git {
  /** What git prints. Throws ActionError `git.failed` for any other exit code than 0. */
  read(args: readonly string[]): Promise<string>;
  /** The same for commands whose exit code is an answer. */
  ask(args: readonly string[]): Promise<GitEnd>;
  /** The full hash of a commit. Throws ActionError `git.failed` where there is none. */
  resolve(revision: string): Promise<string>;
}

/** Opens the repository of an action's `folder`. Throws ActionError `policy.denied`. */
export async function openGit(inputs: Inputs, context: ActionContext): Promise<Git> {
  assertProgram(context, 'git');
  const cwd = await allowedPath(context, textOf(inputs, 'folder') ?? '.', 'read');
  const start = (args: readonly string[]): Promise<GitEnd> => runGit(args, cwd, context);
  const filters = await findFilters(start);
  const ask = (args: readonly string[]): Promise<GitEnd> => start([...filters, ...args]);
  const read = async (args: readonly string[]): Promise<string> => {
    const end = await ask(args);
    if (end.exitCode === 0) return end.stdout;
    throw new ActionError('git.failed', firstLine(end.stderr) ?? `git ended with exit code ${end.exitCode}`);
  };
  return {
    ask,
    read,
    resolve: async (revision) => {
      const end = await ask(['rev-parse', '--verify', '--quiet', '--end-of-options', `${revision}^{commit}`]);
      if (end.exitCode === 0) return end.stdout.trim();
      const why = firstLine(end.stderr) ?? `there is no revision ${quote(revision)}`;
      throw new ActionError('git.failed', why, {
        hint: 'a shallow clone lacks older commits and tags: git fetch --unshallow --tags',
      });
    },
  };
}

/** Filters that the repository itself defines are programs too: each is switched off. */
async function findFilters(start: (args: readonly string[]) => Promise<GitEnd>): Promise<readonly string[]> {
  const found = await start([
    'config',
    '--local',
    '--includes',
    '-z',
    '--name-only',
    '--get-regexp',
    '^filter\\.',
  ]);
  const names = found.stdout.split('\0').filter((name) => /\.(?:clean|process|required)$/.test(name));
  return names.flatMap((name) => {
    if (name.includes('='))
      throw new ActionError('git.failed', `the setting ${quote(name)} cannot be switched off`);
    return ['-c', name.endsWith('.required') ? `${name}=false` : `${name}=`];
  });
}

async function runGit(args: readonly string[], cwd: string, context: ActionContext): Promise<GitEnd> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  const process = context.startProcess({
    file: 'git',
    args: ['--no-pager', '--no-optional-locks', '--literal-pathspecs', ...SETTINGS, ...args],
    cwd,
    env: environmentOf(context.env),
    onStdout: (chunk) => {
      size += chunk.length;
      if (size <= MAX_BYTES) chunks.push(chunk);
      else process.stop();
    },
  });
  const end = await process.done;
  context.signal.throwIfAborted();
  if (end.spawnError !== undefined) {
    throw new ActionError('git.failed', `git could not be started: ${printable(end.spawnError)}`, {
      hint: 'install git',
    });
  }
  if (size > MAX_BYTES) {
    throw new ActionError('git.failed', `git prints more than ${MAX_BYTES} bytes`, {
      hint: 'narrow it with paths or limit',
    });
  }
  return {
    exitCode: end.exitCode ?? 128,
    stdout: Buffer.concat(chunks).toString('utf8'),
    stderr: end.stderrTail,
  };
}

function environmentOf(env: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const kept = Object.entries(env).filter(([name]) => !DROPPED.test(name));
  return {
    ...Object.fromEntries(kept),
    GIT_NO_LAZY_FETCH: '1',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_TERMINAL_PROMPT: '0',
    LC_ALL: 'C.UTF-8',
  };
}

function firstLine(stderr: string): string | undefined {
  const line = stderr.trim().split('\n')[0] ?? '';
  return line === '' ? undefined : printable(line.replace(/^fatal: /, ''), 300);
}
