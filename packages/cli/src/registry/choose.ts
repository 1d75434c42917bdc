import { ClientError, isRegistryName } from '@sheaf/client';
import { DEFAULT_REGISTRY, normaliseRegistryUrl } from '../config/registry-url.js';
import { readSettings, type RegistrySetting, type Settings } from '../config/settings.js';
import type { Context } from '../frame/context.js';
import { CliError, codeOf } from '../frame/errors.js';
import { findNear } from '../frame/suggest.js';
import { findProjectRegistries, type ProjectRegistries } from '../project/registries-only.js';
import { printable } from '../terminal/escape.js';
import { shellWord } from '../terminal/shell.js';

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
export type ChoiceContext = Pick<Context, 'env' | 'paths' | 'cwd'>;

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
 * repository names in its `sheaf.toml` is never used: a token that is typed in goes where this says.
 *
 * @param flag URL or name
 * @throws CliError `usage.registry`, `reference.registry_unknown`, `config.invalid`; ClientError
 *   `reference.registry_ambiguous`
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
  if (!isRegistryName(word)) {
    const url = normaliseRegistryUrl(word);
    return { url, from, account: accountFor(await settingsOf(context), url) };
  }
  const { project, settings, theirs, own } = await lookUp(context, word);
  if (own !== undefined) return { url: own.url, from, name: word, account: own.account };
  if (project !== undefined && theirs !== undefined) throw onlyTheirs(project.file, word, theirs);
  throw unknown(word, [...settings.registries.keys()]);
}

/**
 * The registry of a name in front of a workflow: that of the project or that of the user. Where both have it, they have
 * to agree.
 *
 * @param project what the project is to say from now on; as it is on disk unless given
 * @throws CliError `reference.registry_unknown`; ClientError `reference.registry_ambiguous`
 */
export async function getNamed(
  context: ChoiceContext,
  name: string,
  project?: ProjectRegistries,
): Promise<RegistryChoice> {
  const found = await lookUp(context, name, project);
  const { settings, theirs, own } = found;
  if (theirs !== undefined)
    return { url: theirs, from: 'sheaf.toml', name, account: accountFor(settings, theirs) };
  if (own !== undefined) return { url: own.url, from: 'config.toml', name, account: own.account };
  const known = [...(found.project?.registries.keys() ?? []), ...settings.registries.keys()];
  throw unknown(name, [...new Set(known)]);
}

interface Found {
  readonly project: ProjectRegistries | undefined;
  readonly settings: Settings;
  readonly theirs: string | undefined;
  readonly own: RegistrySetting | undefined;
}

/** What project and user say of a name. */
async function lookUp(context: ChoiceContext, name: string, given?: ProjectRegistries): Promise<Found> {
  const [project, settings] = await Promise.all([
    given ?? findProjectRegistries(context),
    settingsOf(context),
  ]);
  const [theirs, own] = [project?.registries.get(name), settings.registries.get(name)];
  if (project !== undefined && theirs !== undefined) assertAgreed(project.file, own, theirs);
  return { project, settings, theirs, own };
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
 *
 * @param given as of {@link getNamed}
 */
export async function listCandidates(
  context: ChoiceContext,
  given?: ProjectRegistries,
): Promise<readonly RegistryChoice[]> {
  const [project, settings] = await Promise.all([
    given ?? findProjectRegistries(context),
    settingsOf(context),
  ]);
  if (project !== undefined && project.registries.size > 0)
    return once(
      [...project.registries].map(([name, url]) => {
        const own = settings.registries.get(name);
        assertAgreed(project.file, own, url);
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

/** Whoever types a name means one registry: a repository cannot make it another one. */
function assertAgreed(file: string, own: RegistrySetting | undefined, theirs: string): void {
  if (own === undefined || own.url === theirs) return;
  const { name, url } = own;
  throw new ClientError(
    'reference.registry_ambiguous',
    `${printable(file)} calls another registry ${name} than your config.toml: ${printable(theirs)}, not ${url}`,
    {
      hint: `say which by its address, without the name: --registry URL; or give yours another name: sheaf registry add OTHER-NAME ${shellWord(url)}, then sheaf registry remove ${name}`,
    },
  );
}

function onlyTheirs(file: string, name: string, theirs: string): CliError {
  const url = shellWord(printable(theirs));
  return new CliError(
    'reference.registry_unknown',
    `only ${printable(file)} calls a registry ${name}, and its names hold in front of workflows alone`,
    {
      hint: [
        `if you know whose it is, by its address: sheaf login ${url}, or --registry ${url}`,
        `or make the name yours: sheaf registry add ${name} ${url}`,
      ],
      data: { url: theirs },
    },
  );
}

function unknown(name: string, known: readonly string[]): CliError {
  const near = findNear(name, known);
  return new CliError('reference.registry_unknown', `there is no configured registry called ${name}`, {
    hint: [
      ...(near === undefined ? [] : [`did you mean ${near}`]),
      known.length === 0 ? 'none is configured' : `known: ${known.join(', ')}`,
      `sheaf registry add ${name} URL`,
    ],
    data: { known },
  });
}
