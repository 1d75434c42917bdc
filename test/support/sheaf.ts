import { spawn } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { checkDocuments } from '../../packages/cli/test/json-documents.js';
import { cleanEnvironment } from './registry-environment.js';

const BUILT = fileURLToPath(new URL('../../packages/cli/bin/sheaf.js', import.meta.url));

export interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A person at a shell without a terminal: a home of their own, and the environment that they have set. */
export interface Person {
  readonly home: string;
  sheaf(args: readonly string[], options?: RunOptions): Promise<CliResult>;
  /** Like `sheaf`, and it must succeed. */
  ok(args: readonly string[], options?: RunOptions): Promise<CliResult>;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Told all that was said on stderr so far, whenever there is more. */
  readonly onTalk?: (talk: string) => void;
}

export async function createPerson(
  home: string,
  env: Readonly<Record<string, string>> = {},
  bin: string = BUILT,
): Promise<Person> {
  await mkdir(home, { recursive: true });
  const sheaf = (args: readonly string[], options: RunOptions = {}): Promise<CliResult> => {
    const child = spawn(process.execPath, [bin, ...args], {
      cwd: options.cwd ?? home,
      env: { ...cleanEnvironment(), HOME: home, SHEAF_PROFILE: 'permissive', ...env, ...options.env },
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
      options.onTalk?.(stderr);
    });
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.input ?? '');
    return new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (code) => {
        try {
          checkDocuments(stdout);
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)));
        }
        resolve({ code, stdout, stderr });
      });
    });
  };
  return {
    home,
    sheaf,
    ok: async (args, options) => {
      const result = await sheaf(args, options);
      if (result.code !== 0)
        throw new Error(
          `sheaf ${args.join(' ')} ended with ${result.code}\n${result.stdout}${result.stderr}`,
        );
      return result;
    },
  };
}

/** Signs a person in as the registry's owner, trusting its log, and gives them a key. */
export async function signIn(
  person: Person,
  registry: { readonly url: string; readonly ownerToken: string },
  keyName: string,
): Promise<void> {
  await person.ok(['login', registry.url, '--with-token', '--yes'], { input: `${registry.ownerToken}\n` });
  await person.ok(['key', 'generate', '--name', keyName, '--no-passphrase']);
}
