import { isLoopback } from '@sheaf/client';
import { findCi, isCi } from '../frame/ci.js';
import type { Context } from '../frame/context.js';
import { shellWord } from '../terminal/shell.js';
import type { RegistryChoice } from './choose.js';

/**
 * How to sign in from here: other words for a person, for a CI, and for a CI that can publish without any secret.
 *
 * @param hasVariable `SHEAF_TOKEN` is set, but not for this registry
 */
export function signInHint(
  { env }: Pick<Context, 'env'>,
  { url, name, from, account }: Pick<RegistryChoice, 'url' | 'name' | 'from' | 'account'>,
  { hasVariable }: { readonly hasVariable: boolean },
): readonly string[] {
  if (hasVariable)
    return [
      `SHEAF_TOKEN is sent only to the registry that SHEAF_REGISTRY or the configuration names: SHEAF_REGISTRY=${shellWord(url)}`,
    ];
  const ci = findCi(env);
  if (ci === 'github')
    return [
      'in the job: env: SHEAF_TOKEN: ${{ secrets.SHEAF_TOKEN }}',
      'to publish, it needs no token: permissions: id-token: write, once sheaf namespace publisher add has named this repository',
    ];
  if (ci === 'gitlab')
    return [
      'set SHEAF_TOKEN as a masked variable of the project (Settings, CI/CD, Variables)',
      'to publish, it needs no token: id_tokens: SHEAF_ID_TOKEN, once sheaf namespace publisher add has named this project',
    ];
  if (isCi({ env })) return ['set SHEAF_TOKEN from the secrets of this CI'];
  // To sign in, no name of a repository is taken.
  const place = from === 'sheaf.toml' ? shellWord(url) : (name ?? shellWord(url));
  const chosen = env['SHEAF_ACCOUNT'] ?? '';
  const wanted = chosen === '' ? account : chosen;
  const login = `sheaf login ${place}${wanted === undefined ? '' : ` --account ${shellWord(wanted)}`}`;
  return [
    login,
    `or with a token: ${login} --with-token < FILE-WITH-THE-TOKEN`,
    ...(isLoopback(new URL(url))
      ? [
          'a registry started on this machine wrote one to admin-token in its data folder (.sheaf/ with npm start)',
        ]
      : []),
  ];
}
