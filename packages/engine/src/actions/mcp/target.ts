import { createHash } from 'node:crypto';
import { quote } from '@sheaf/workflow';
import { ActionError } from '../action-error.js';
import type { ActionContext } from '../action.js';
import { assertProgram } from '../allowed-program.js';
import { readHeaders } from '../http/build-request.js';
import { allowedHost, type AllowedHost } from '../http/hosts.js';
import { mapOf, numberOf, textOf, textsOf, type Inputs } from '../inputs.js';

/** Where a server is, with all secrets filled in. */
export type Place =
  | {
      readonly kind: 'stdio';
      readonly program: string;
      readonly args: readonly string[];
      readonly env: Readonly<Record<string, string>>;
    }
  | {
      readonly kind: 'http' | 'websocket';
      readonly url: URL;
      readonly host: AllowedHost;
      readonly headers: Readonly<Record<string, string>>;
    };

export interface Target {
  readonly place: Place;
  /** How the log and errors call it. */
  readonly name: string;
  /** What the breaker knows it by, where it is on another machine. */
  readonly origin: string | undefined;
  readonly connectTimeoutMs: number;
  /** Steps with the same may share a connection. Says nothing of the secrets in it. */
  readonly key: string;
}

export type TargetContext = Pick<ActionContext, 'permissions' | 'secret' | 'env' | 'cwd'>;

/** What every process of a step has, and would keep steps from sharing a server. */
const OF_ONE_STEP = ['SHEAF_STEP', 'SHEAF_ATTEMPT'];

/** The server that the inputs name, where the run may use it. Throws ActionError `action.input`, `policy.denied`, `secret.missing`. */
export async function readTarget(inputs: Inputs, context: TargetContext): Promise<Target> {
  const { command, url } = inputs;
  if ((command === undefined) === (url === undefined)) {
    throw new ActionError('action.input', 'mcp needs either a command or a url', {
      hint: 'command starts a server, url reaches one; a server of the project is used by its name: uses = "server:tool"',
    });
  }
  const place = url === undefined ? await readProgram(inputs, context) : await readAddress(inputs, context);
  const isProgram = place.kind === 'stdio';
  const parts = isProgram ? [place, context.cwd] : [place.url.href, place.headers, place.host];
  return {
    place,
    name: isProgram ? place.program : place.host.hostname,
    origin: isProgram ? undefined : place.url.origin,
    connectTimeoutMs: numberOf(inputs, 'connect_timeout_ms') ?? 30_000,
    key: createHash('sha256')
      .update(JSON.stringify(['mcp', ...parts]))
      .digest('hex'),
  };
}

async function readProgram(inputs: Inputs, context: TargetContext): Promise<Place> {
  const [program = '', ...args] = textsOf(inputs, 'command');
  assertProgram(context, program);
  const own = Object.entries(await fillSecrets(mapOf(inputs, 'env'), context));
  const wrong = own.find(
    ([name]) => !/^[A-Za-z_][A-Za-z0-9_]{0,255}$/.test(name) || name.startsWith('SHEAF_'),
  );
  if (wrong !== undefined) throw new ActionError('action.input', `${quote(wrong[0])} is no variable to set`);
  const inherited = Object.entries(context.env).filter(([name]) => !OF_ONE_STEP.includes(name));
  return { kind: 'stdio', program, args, env: Object.fromEntries([...inherited, ...own]) };
}

async function readAddress(inputs: Inputs, context: TargetContext): Promise<Place> {
  const text = textOf(inputs, 'url') ?? '';
  if (!URL.canParse(text)) throw new ActionError('action.input', `${quote(text, 200)} is no address`);
  const url = new URL(text);
  url.hash = '';
  const isSocket = url.protocol === 'ws:' || url.protocol === 'wss:';
  const overHttp = new URL(url.href.replace(/^ws/, 'http'));
  const host = allowedHost(overHttp, context.permissions.network);
  const bearer = textOf(inputs, 'bearer');
  const headers = readHeaders(
    await fillSecrets(mapOf(inputs, 'headers'), context),
    bearer === undefined ? undefined : await context.secret(bearer),
  );
  return { kind: isSocket ? 'websocket' : 'http', url, host, headers };
}

/** Puts secrets in place of `${NAME}`. */
async function fillSecrets(
  texts: Inputs,
  { secret }: TargetContext,
): Promise<Readonly<Record<string, string>>> {
  const filled = Object.create(null) as Record<string, string>;
  for (const [name, text] of Object.entries(texts)) {
    // By parts, so that what a secret holds is not looked at again.
    const parts = (typeof text === 'string' ? text : '').split(/\$\{([A-Za-z_][A-Za-z0-9_]{0,255})\}/);
    const values: string[] = [];
    for (const [index, part] of parts.entries()) values.push(index % 2 === 0 ? part : await secret(part));
    filled[name] = values.join('');
  }
  return filled;
}
