import { forget } from '../completion/candidates.js';
import { editSettings, removeRegistry } from '../config/edit-settings.js';
import { parseSettings, readSettings, settingsPath, type Settings } from '../config/settings.js';
import { defineCommand } from '../frame/command.js';
import { CliError } from '../frame/errors.js';
import { findNear } from '../frame/suggest.js';
import type { RegistryRemoveJson } from '../json/registry-remove.js';
import { findUsual } from '../registry/choose.js';
import { findKnownPin } from '../registry/log-key.js';
import { openTrust } from '../registry/open-trust.js';
import { credentialsIn } from '../registry/stored-token.js';
import { printable } from '../terminal/escape.js';
import { shellWord } from '../terminal/shell.js';

export const remove = defineCommand<RegistryRemoveJson, RegistryRemoveJson>({
  name: 'registry remove',
  about: 'Take the name of a registry out of your config.toml. Who is signed in there stays so.',
  positionals: { names: ['NAME'], required: 1, completes: ['registry'] },
  flags: [],
  examples: ['sheaf registry remove corp', 'sheaf registry remove corp --json'],
  exitCodes: [0, 2, 4],
  run: async (context, input) => {
    const dir = context.paths.config();
    const [name = ''] = input.positionals;
    const { registry, url } = await editSettings(
      dir,
      async (text, path) => {
        const { registry, registries } = await parseSettings(text, path);
        const setting = registries.get(name);
        if (setting === undefined) throw unknown(name, [...registries.keys()]);
        return { text: await removeRegistry(text, path, name), registry, url: setting.url };
      },
      context,
    );
    await forget(context, 'registry', [name]);
    const accounts = (await credentialsIn(context, dir).list()).filter((each) => each.url === url);
    const pin = await findKnownPin(context, { url, trust: () => openTrust(context) });
    return {
      data: {
        name,
        url,
        wasDefault: registry === name,
        ...describeUsual(await readSettings(dir)),
        signedIn: accounts.map(({ account }) => account ?? 'default'),
        logKeyPinned: pin !== undefined,
        file: settingsPath(dir),
      },
    };
  },
  render: ({ name, url, wasDefault, usual, signedIn, logKeyPinned, file }) => ({
    talk: [
      `${name} is forgotten (${printable(file)}); its address was ${url}`,
      ...(wasDefault
        ? [`it was the default: now ${usual === undefined ? 'there is none' : `${usual} is used`}`]
        : []),
      ...(signedIn.length === 0 ? [] : [`still signed in there: sheaf logout ${shellWord(url)} --all`]),
      ...(logKeyPinned
        ? [
            `its log key stays pinned, so that another one is noticed; to forget it: sheaf trust forget ${shellWord(url)}`,
          ]
        : []),
    ].join('\n'),
  }),
});

/** What is used from now on when nothing names a registry. */
function describeUsual(settings: Settings): { readonly usual?: string } {
  const usual = findUsual(settings);
  return usual === undefined ? {} : { usual: usual.name ?? usual.url };
}

function unknown(name: string, known: readonly string[]): CliError {
  const near = findNear(name, known);
  return new CliError(
    'reference.registry_unknown',
    `config.toml has no registry called ${JSON.stringify(printable(name.slice(0, 80)))}`,
    {
      hint:
        near === undefined ? 'sheaf registry list shows them' : `did you mean sheaf registry remove ${near}`,
    },
  );
}
