import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Flag, Input } from '../frame/args.js';
import type { Context } from '../frame/context.js';
import { CliError } from '../frame/errors.js';

/** The flag of a CI whose identity token comes in a file. */
export const OIDC_TOKEN_FILE_FLAG: Flag = {
  name: 'oidc-token-file',
  value: 'FILE',
  completes: 'file',
  summary: 'publish as the CI job that this identity token names, with a key of its own',
};

/** Where an identity token comes from. */
export type IdentitySource =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'variable'; readonly token: string }
  | { readonly kind: 'github'; readonly url: string; readonly token: string };

const MAX_TOKEN_BYTES = 16 * 1024;
const TIMEOUT_MS = 30_000;

/**
 * Whose job this is: the flag, else `SHEAF_ID_TOKEN` (GitLab's `id_tokens`), else GitHub's endpoint for jobs with
 * `permissions: id-token: write`. Undefined where there is none, or when somebody has named a key to sign with instead.
 */
export function findIdentitySource(
  { env, cwd }: Pick<Context, 'env' | 'cwd'>,
  input: Input,
): IdentitySource | undefined {
  const file = input.get('oidc-token-file');
  if (file !== undefined) {
    if (input.all('key').length === 0) return { kind: 'file', path: resolve(cwd, file) };
    throw new CliError('usage.conflicting_flags', 'a CI job signs with a key of its own', {
      hint: 'leave out --key or --oidc-token-file',
    });
  }
  if (input.all('key').length > 0 || isSet(env['SHEAF_SIGNING_KEY'])) return undefined;
  const {
    SHEAF_ID_TOKEN: variable,
    ACTIONS_ID_TOKEN_REQUEST_URL: url,
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: token,
  } = env;
  if (isSet(variable)) return { kind: 'variable', token: variable.trim() };
  return isSet(url) && isSet(token) ? { kind: 'github', url, token } : undefined;
}

/**
 * The identity token, for an audience where the source can be told one.
 *
 * @throws CliError `oidc.token_missing`
 */
export async function readIdentityToken(
  source: IdentitySource,
  audience: string,
  signal: AbortSignal,
): Promise<string> {
  switch (source.kind) {
    case 'variable':
      return source.token;
    case 'file':
      return readTokenFile(source.path);
    case 'github':
      return askGithub(source, audience, signal);
  }
}

async function readTokenFile(path: string): Promise<string> {
  try {
    const { size } = await stat(path);
    if (size <= MAX_TOKEN_BYTES) {
      const token = (await readFile(path, 'utf8')).trim();
      if (token !== '') return token;
    }
  } catch (cause) {
    throw missing(
      `${path}, the file of --oidc-token-file, cannot be read: ${reasonOf(cause)}`,
      'check its path and who may read it',
      cause,
    );
  }
  throw missing(
    `${path}, the file of --oidc-token-file, is empty or too large`,
    'it holds one JWT of at most 16 KiB',
  );
}

async function askGithub(
  { url, token }: Extract<IdentitySource, { kind: 'github' }>,
  audience: string,
  signal: AbortSignal,
): Promise<string> {
  const hint = 'give the job permissions: id-token: write, and run it again';
  const address = URL.canParse(url) ? new URL(url) : undefined;
  if (address === undefined || !isSafe(address))
    throw missing('ACTIONS_ID_TOKEN_REQUEST_URL is no https address', hint);
  address.searchParams.set('audience', audience);
  let value: unknown;
  try {
    const response = await fetch(address, {
      headers: { authorization: `Bearer ${token}`, accept: 'application/json' },
      redirect: 'error',
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    });
    if (!response.ok) throw missing(`GitHub answered ${response.status} when asked who this job is`, hint);
    value = ((await response.json()) as { value?: unknown } | null)?.value;
  } catch (cause) {
    if (cause instanceof CliError) throw cause;
    if (signal.aborted) throw cause;
    throw missing(
      `GitHub could not be asked at ${address.host} who this job is: ${reasonOf(cause)}`,
      'run the job again; if it stays, look at ACTIONS_ID_TOKEN_REQUEST_URL and the network of the runner',
      cause,
    );
  }
  if (typeof value === 'string' && value !== '' && value.length <= MAX_TOKEN_BYTES) return value;
  throw missing('GitHub did not say who this job is', hint);
}

/** The request carries a secret of the job. */
function isSafe({ protocol, hostname }: URL): boolean {
  return (
    protocol === 'https:' || (protocol === 'http:' && (hostname === '127.0.0.1' || hostname === 'localhost'))
  );
}

/** In the words of the system: what lies deepest says most. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return `no answer within ${TIMEOUT_MS / 1000} s`;
  if (error.cause instanceof Error) return reasonOf(error.cause);
  const [line = ''] = (error.message === '' ? error.name : error.message).split('\n', 1);
  return line;
}

function isSet(text: string | undefined): text is string {
  return text !== undefined && text.trim() !== '';
}

function missing(message: string, hint: string, cause?: unknown): CliError {
  return new CliError('oidc.token_missing', message, { hint, ...(cause === undefined ? {} : { cause }) });
}
