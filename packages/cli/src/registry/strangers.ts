import { isClientError, type ClientError } from '@sheaf/client';
import { splitWorkflowId, type WorkflowId } from '@sheaf/workflow';
import type { Context } from '../frame/context.js';
import { CliError } from '../frame/errors.js';
import { shellWord } from '../terminal/shell.js';
import { settingsOf, type RegistryChoice } from './choose.js';
import type { UseRegistry } from './session.js';
import { signInHint } from './sign-in-hint.js';
import { findVariable } from './stored-token.js';

/*
 * To whom is not signed in, a registry answers of what is private there as of what is not there, and so it does to a token
 * that is for other namespaces. Among several registries that must not decide: whoever can publish in another one would get
 * the name.
 */

/** Whether a registry would hide a workflow from us if it is private, and nobody has said that this is all right. */
export async function isStranger(
  context: Pick<Context, 'paths' | 'signal'>,
  use: UseRegistry,
  { choice, id }: { readonly choice: RegistryChoice; readonly id: WorkflowId },
): Promise<boolean> {
  const { registries } = await settingsOf(context);
  const isMeant = [...registries.values()].some(
    ({ url, anonymous }) => url === choice.url && anonymous === true,
  );
  if (isMeant) return false;
  return use(choice, async ({ client, token }) => {
    if ((await token()) === undefined) return true;
    // A mirror knows nobody, and what cannot say whom the token is for may hide as well.
    const me = await client.whoami({ signal: context.signal }).catch(() => undefined);
    const { namespace } = splitWorkflowId(id);
    return me?.token.scopes.some((scope) => reaches(scope, namespace)) !== true;
  });
}

/** `*` and `publish` cover every namespace, `publish:acme` and `publish:acme/deploy` one. */
function reaches(scope: string, namespace: string): boolean {
  const [, bound] = scope.split(':', 2);
  return bound === undefined || bound.split('/', 1)[0] === namespace;
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
