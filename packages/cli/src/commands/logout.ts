import { openCredentials } from '../config/credentials.js';
import { chooseRegistry } from '../config/registry-url.js';
import { readSettings } from '../config/settings.js';
import { defineCommand } from '../frame/command.js';
import { REGISTRY_FLAG } from '../registry/session.js';

export const command = defineCommand({
  name: 'logout',
  about: 'Forget the stored token of a registry. The token itself stays valid until it expires.',
  positionals: { names: ['URL'], required: 0 },
  flags: [REGISTRY_FLAG],
  examples: ['sheaf logout', 'sheaf logout https://registry.example.com'],
  exitCodes: [0],
  run: async (context, input) => {
    const dir = context.paths.config();
    const named = input.positionals[0] ?? input.get('registry');
    const { url } = await chooseRegistry(named, context.env, async () => (await readSettings(dir)).registry);
    const forgotten = await openCredentials(dir, context.ui.warn).forget(url);
    return { data: { registry: url, forgotten } };
  },
  render: ({ registry, forgotten }) => ({
    talk: forgotten
      ? `the token of ${registry} is forgotten here; it was not revoked there, and ends when it expires`
      : `no token was stored for ${registry}`,
  }),
});
