import type { SecretSource } from '@sheaf/engine';
import type { Flag, Input } from '../frame/args.js';
import type { Context } from '../frame/context.js';

// Not `--env-file`: Node 20 takes that for its own wherever it stands, and loads the file into the environment.
export const DOTENV_FLAG: Flag = {
  name: 'dotenv',
  value: 'FILE',
  completes: 'file',
  summary: 'take secrets that are stored nowhere from its lines NAME=value',
};

/** Where the secrets of a run come from. Nothing is loaded before a run with secrets begins, but a file that was typed. */
export async function secretsOf(context: Context, input: Input): Promise<SecretSource> {
  const dotenv = input.get(DOTENV_FLAG.name);
  let opened: Promise<Required<SecretSource>> | undefined;
  const open = (): Promise<Required<SecretSource>> => (opened ??= load(context, dotenv));
  if (dotenv !== undefined) await open();
  return {
    atHand: async (names, asker) => (await open()).atHand(names, asker),
    find: async (name, asker) => (await open()).find(name, asker),
  };
}

async function load(context: Context, dotenv: string | undefined): Promise<Required<SecretSource>> {
  const { openSecretSource } = await import('./open-source.js');
  return openSecretSource(context, dotenv);
}
