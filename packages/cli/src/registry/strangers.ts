import { isClientError, type ClientError } from '@sheaf/client';
import type { Context } from '../frame/context.js';
import { CliError } from '../frame/errors.js';
import { shellWord } from '../terminal/shell.js';
import { settingsOf, type RegistryChoice } from './choose.js';
import type { UseRegistry } from './session.js';
import { signInHint } from './sign-in-hint.js';
import { findVariable } from './stored-token.js';

/*
 * To whom is not signed in, a registry answers of what is private there as of what is not there. Among several registries
 * that must not decide: whoever can publish in another one would get the name.
 */

/** Whether a registry hides from us what is private there, and nobody has said that this is all right. */
export async function isStranger(
  context: Pick<Context, 'paths'>,
  use: UseRegistry,
  choice: RegistryChoice,
): Promise<boolean> {
  const { registries } = await settingsOf(context);
  const isMeant = [...registries.values()].some(
    ({ url, anonymous }) => url === choice.url && anonymous === true,
  );
  return !isMeant && (await use(choice, (session) => session.token())) === undefined;
}

/** That it is not known which registry is meant, with the ways to make it known. */
export function explainUnsure(
  error: unknown,
  context: Pick<Context, 'env'>,
  hiding: readonly RegistryChoice[],
): unknown {
  const [stranger] = hiding;
  if (!isClientError(error, 'reference.registry_unsure') || stranger === undefined) return error;
  const { url, name = 'NAME' } = stranger;
  const [signIn = ''] = signInHint(context, stranger, { hasVariable: findVariable(context) !== undefined });
  return new CliError((error satisfies ClientError).code, error.message, {
    cause: error,
    hint: [
      error.hint ?? '',
      `or sign in: ${signIn}`,
      `or say that nobody does there: sheaf registry add ${name} ${shellWord(url)} --anonymous`,
    ],
  });
}
