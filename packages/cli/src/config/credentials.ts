import { join } from 'node:path';
import { CliError } from '../frame/errors.js';
import { readPrivateFile, writePrivateFile } from './private-files.js';

/** Tokens by registry URL, in a file that only its owner may read. */
export interface Credentials {
  readonly path: string;
  find(registryUrl: string): Promise<string | undefined>;
  store(registryUrl: string, token: string): Promise<void>;
  /** @returns whether there was one */
  forget(registryUrl: string): Promise<boolean>;
}

const MAX_BYTES = 256 * 1024;

/** @throws CliError `config.invalid` from its methods when the file is damaged */
export function openCredentials(configDir: string, warn: (line: string) => void): Credentials {
  const path = join(configDir, 'credentials.json');
  const read = async (): Promise<Map<string, string>> => {
    const text = await readPrivateFile(path, MAX_BYTES, warn);
    return text === undefined ? new Map() : parseCredentials(text, path);
  };
  const write = (tokens: ReadonlyMap<string, string>): Promise<void> => {
    const registries = [...tokens].map(([url, token]) => ({ url, token }));
    return writePrivateFile(
      path,
      `${JSON.stringify({ schema: 'sheaf.credentials/1', registries }, null, 2)}\n`,
    );
  };
  return {
    path,
    find: async (url) => (await read()).get(url),
    store: async (url, token) => {
      await write((await read()).set(url, token));
    },
    forget: async (url) => {
      const tokens = await read();
      if (!tokens.delete(url)) return false;
      await write(tokens);
      return true;
    },
  };
}

/** A token as it may be sent in a header: printable ASCII without spaces. @throws CliError `auth.token_invalid` */
export function parseToken(text: string, from: string): string {
  const token = text.trim();
  if (/^[\x21-\x7e]{1,4096}$/.test(token)) return token;
  throw new CliError('auth.token_invalid', `what ${from} holds is not a token`, {
    hint: [
      'a token is one line of printable characters, such as shf_…',
      'sheaf login URL --with-token < FILE-WITH-THE-TOKEN',
    ],
  });
}

function parseCredentials(text: string, path: string): Map<string, string> {
  try {
    const document = JSON.parse(text) as {
      readonly registries: readonly { readonly url: unknown; readonly token: unknown }[];
    };
    return new Map(
      document.registries.map(({ url, token }) => {
        if (typeof url !== 'string' || typeof token !== 'string')
          throw new TypeError('url and token must be strings');
        return [url, token];
      }),
    );
  } catch (error) {
    throw new CliError('config.invalid', `${path} is damaged`, {
      hint: 'delete it and sign in again: sheaf login',
      cause: error,
    });
  }
}
