import { defineCommand } from '../frame/command.js';
import { codeOf } from '../frame/errors.js';
import type { LogoutJson } from '../json/logout.js';
import { chooseRegistry } from '../registry/choose.js';
import { REGISTRY_FLAG } from '../registry/session.js';
import { credentialsIn } from '../registry/stored-token.js';
import { revokeSignIn } from '../sign-in/sign-out.js';

interface LoggedOut {
  readonly registry: string;
  readonly forgotten: boolean;
  /** Whether the identity provider ended the sign-in as well. */
  readonly revoked: boolean;
  readonly kind?: 'token' | 'sign-in';
}

export const command = defineCommand<LoggedOut, LogoutJson>({
  name: 'logout',
  about:
    'Forget what is stored to sign in to a registry. A sign-in ends at the identity provider as well; a token stays valid until it expires or is revoked.',
  positionals: { names: ['URL'], required: 0 },
  flags: [REGISTRY_FLAG],
  examples: ['sheaf logout', 'sheaf logout https://registry.example.com'],
  exitCodes: [0],
  run: async (context, input) => {
    const dir = context.paths.config();
    const named = input.positionals[0] ?? input.get('registry');
    const { url } = await chooseRegistry(context, named);
    const credentials = credentialsIn(context, dir);
    // What cannot be read any more can still be forgotten.
    const stored = await credentials.find({ url }).catch((error: unknown) => {
      if (codeOf(error) === 'auth.keyring') return undefined;
      throw error;
    });
    const revoked = stored?.kind === 'sign-in' && (await revokeSignIn(stored));
    const forgotten = await credentials.forget({ url });
    return { data: { registry: url, forgotten, revoked, ...(stored && { kind: stored.kind }) } };
  },
  render: ({ registry, forgotten, revoked, kind }) => {
    if (!forgotten) return { talk: `no token was stored for ${registry}` };
    if (revoked) return { talk: `signed out of ${registry}, here and at the identity provider` };
    return {
      talk:
        kind === 'sign-in'
          ? `signed out of ${registry} here; the identity provider did not say that it ended the sign-in`
          : `the token of ${registry} is forgotten here; it was not revoked there, and ends when it expires: sheaf token revoke ID`,
    };
  },
});
