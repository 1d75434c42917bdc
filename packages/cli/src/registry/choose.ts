import { isRegistryName } from '@sheaf/client';
import { DEFAULT_REGISTRY, normaliseRegistryUrl } from '../config/registry-url.js';
import { readSettings, type RegistrySetting, type Settings } from '../config/settings.js';
import type { Context } from '../frame/context.js';
import { CliError, codeOf } from '../frame/errors.js';
import { findNear } from '../frame/suggest.js';
import { findProjectRegistries } from '../project/registries-only.js';
import { printable } from '../terminal/escape.js';

/** Which registry, and what said so. */
export interface RegistryChoice {
  /** Normalised: no credentials, query, fragment or final slash. */
  readonly url: string;
  readonly from: '--registry' | 'SHEAF_REGISTRY' | 'reference' | 'sheaf.toml' | 'config.toml' | 'default';
  /** What it is called, where it was chosen by its name. */
  readonly name?: string | undefined;
  /** The account that the user's configuration names for it. */
  readonly account?: string | undefined;
}

/** What is used of the outside world to choose a registry. */
export type ChoiceContext = Pick<Context, 'env' | 'paths' | 'cwd'> & {
  readonly ui: Pick<Context['ui'], 'warn'>;
};

const NO_SETTINGS: Settings = { registries: new Map() };

/** The user's settings. @throws CliError `config.invalid` */
export async function settingsOf({ paths }: Pick<Context, 'paths'>): Promise<Settings> {
  let dir: string;
  try {
    dir = paths.config();
  } catch (error) {
    // Reading what is public needs no home.
    if (codeOf(error) === 'config.home_missing') return NO_SETTINGS;
    throw error;
  }
  return readSettings(dir);
}

/**
 * The registry of a verb that takes no reference: flag beats environment beats `config.toml` beats the default. What a
 * repository names in its `sheaf.toml` is used only where a name asks for it.
 *
 * @param flag URL or name
 * @throws CliError `usage.registry`, `reference.registry_unknown`, `config.invalid`
 */
export async function chooseRegistry(
  context: ChoiceContext,
  flag: string | undefined,
): Promise<RegistryChoice> {
  return (await chooseGiven(context, flag)) ?? usualOf(await settingsOf(context));
}

/** The registry that flag or environment name; undefined when they name none. @throws as {@link chooseRegistry} */
export async function chooseGiven(
  context: ChoiceContext,
  flag: string | undefined,
): Promise<RegistryChoice | undefined> {
  const variable = context.env['SHEAF_REGISTRY'];
  if (flag !== undefined) return chooseByWord(context, flag, '--registry');
  return variable === undefined || variable === ''
    ? undefined
    : chooseByWord(context, variable, 'SHEAF_REGISTRY');
}

async function chooseByWord(
  context: ChoiceContext,
  word: string,
  from: RegistryChoice['from'],
): Promise<RegistryChoice> {
  if (isRegistryName(word)) return { ...(await getNamed(context, word)), from };
  const url = normaliseRegistryUrl(word);
  return { url, from, account: accountFor(await settingsOf(context), url) };
}

/**
 * The registry of a name: that of the project, else that of the user. That the two differ is told.
 *
 * @param reference what asks for it, for messages
 * @throws CliError `reference.registry_unknown`
 */
export async function getNamed(
  context: ChoiceContext,
  name: string,
  reference?: string,
): Promise<RegistryChoice> {
  const [project, settings] = await Promise.all([findProjectRegistries(context), settingsOf(context)]);
  const [theirs, own] = [project?.registries.get(name), settings.registries.get(name)];
  if (project !== undefined && theirs !== undefined) {
    if (own !== undefined && own.url !== theirs) warnShadowed(context, project.file, own, theirs);
    return { url: theirs, from: 'sheaf.toml', name, account: accountFor(settings, theirs) };
  }
  if (own !== undefined) return { url: own.url, from: 'config.toml', name, account: own.account };
  throw unknown(
    name,
    [...new Set([...(project?.registries.keys() ?? []), ...settings.registries.keys()])],
    reference,
  );
}

function usualOf(settings: Settings): RegistryChoice {
  const usual = findUsual(settings);
  if (usual !== undefined) return usual;
  const names = [...settings.registries.keys()];
  throw new CliError('usage.registry_needed', 'several registries are configured, and none is the default', {
    hint: [
      `known: ${names.join(', ')}`,
      `or make one the default: sheaf registry add ${names[0] ?? ''} --default`,
    ],
    data: { known: names },
  });
}

/** What the user's configuration means when nothing names a registry; undefined when it names several alike. */
export function findUsual(settings: Settings): RegistryChoice | undefined {
  const { registry, registries } = settings;
  const [only, ...more] = registries.values();
  if (registry === undefined && more.length > 0) return undefined;
  const named = registry === undefined ? only : registries.get(registry);
  if (named !== undefined)
    return { url: named.url, from: 'config.toml', name: named.name, account: named.account };
  const [url, from] =
    registry === undefined
      ? ([DEFAULT_REGISTRY, 'default'] as const)
      : ([normaliseRegistryUrl(registry), 'config.toml'] as const);
  return { url, from, account: accountFor(settings, url) };
}

/**
 * The registries that a reference without qualifier may be of: all of the project's if it has any, else all of the
 * user's and their default. Each address is there once.
 */
export async function listCandidates(context: ChoiceContext): Promise<readonly RegistryChoice[]> {
  const [project, settings] = await Promise.all([findProjectRegistries(context), settingsOf(context)]);
  if (project !== undefined && project.registries.size > 0)
    return once(
      [...project.registries].map(([name, url]) => {
        const own = settings.registries.get(name);
        if (own !== undefined && own.url !== url) warnShadowed(context, project.file, own, url);
        return { url, from: 'sheaf.toml', name, account: accountFor(settings, url) };
      }),
    );
  const named = [...settings.registries.values()].map(({ name, url, account }): RegistryChoice => ({
    url,
    from: 'config.toml',
    name,
    account,
  }));
  const usual = findUsual(settings);
  return once([...named, ...(usual === undefined ? [] : [usual])]);
}

function once(choices: readonly RegistryChoice[]): readonly RegistryChoice[] {
  return [...new Map([...choices].reverse().map((choice) => [choice.url, choice])).values()].reverse();
}

/** The account of an address, where all names that it has agree on it. */
export function accountFor({ registries }: Settings, url: string): string | undefined {
  const accounts = new Set(
    [...registries.values()].flatMap((each) => (each.url === url ? [each.account] : [])),
  );
  const [only, ...more] = accounts;
  return more.length === 0 ? only : undefined;
}

const told = new WeakMap<object, Set<string>>();

function warnShadowed({ ui }: ChoiceContext, file: string, own: RegistrySetting, theirs: string): void {
  const names = told.get(ui) ?? new Set();
  told.set(ui, names);
  if (names.has(own.name)) return;
  names.add(own.name);
  ui.warn(
    `${printable(file)} calls another registry ${own.name} than your config.toml: ${printable(theirs)} is used, not ${own.url}`,
  );
}

function unknown(name: string, known: readonly string[], reference: string | undefined): CliError {
  const near = findNear(name, known);
  return new CliError(
    'reference.registry_unknown',
    `there is no configured registry called ${name}${reference === undefined ? '' : `, as ${reference} says`}`,
    {
      hint: [
        ...(near === undefined ? [] : [`did you mean ${near}`]),
        known.length === 0 ? 'none is configured' : `known: ${known.join(', ')}`,
        `sheaf registry add ${name} URL`,
      ],
      data: { known },
    },
  );
}
