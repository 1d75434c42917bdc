import { readFile } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { isRegistryName } from '@sheaf/client';
import { CliError } from '../frame/errors.js';
import { printable } from '../terminal/escape.js';
import { normaliseRegistryUrl } from './registry-url.js';

/** A registry that `config.toml` gives a name. */
export interface RegistrySetting {
  readonly name: string;
  /** Normalised. */
  readonly url: string;
  /** `sha256/BASE64`: one of these keys has to be in the chain of its certificate. Empty: any that is valid. */
  readonly spki: readonly string[];
  /** The account to use there, when several are signed in. */
  readonly account?: string;
  /** Nobody signs in there: what it does not show to strangers is not meant. */
  readonly anonymous?: true;
}

/** What `config.toml` may say. */
export interface Settings {
  /** Name or URL of the registry to use when nothing else names one. */
  readonly registry?: string;
  /** Absolute: where runs find secrets that are stored nowhere. */
  readonly dotenv?: string;
  /** By name, in the order of the file. */
  readonly registries: ReadonlyMap<string, RegistrySetting>;
}

const NO_SETTINGS: Settings = { registries: new Map() };
const MAX_BYTES = 64 * 1024;
const MAX_REGISTRIES = 100;
const MAX_PINS = 16;
const SPKI_PIN = /^sha256\/[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/;
const ACCOUNT = /^[A-Za-z0-9](?:[\w.@+-]{0,62}[A-Za-z0-9])?$/;
const SETTINGS = ['registry', 'dotenv', 'registries'];
const KNOWN = ['url', 'spki', 'account', 'anonymous'];

export function settingsPath(configDir: string): string {
  return join(configDir, 'config.toml');
}

/**
 * Reads `config.toml`; an absent one is empty.
 *
 * @throws CliError `config.invalid`
 */
export async function readSettings(configDir: string): Promise<Settings> {
  const path = settingsPath(configDir);
  const text = await readSettingsText(configDir);
  return text === undefined ? NO_SETTINGS : parseSettings(text, path);
}

/** The text of `config.toml`; undefined when there is none. @throws CliError `config.invalid` */
export async function readSettingsText(configDir: string): Promise<string | undefined> {
  const path = settingsPath(configDir);
  const text = await readOptional(path);
  if (text !== undefined && text.length > MAX_BYTES)
    throw new CliError('config.invalid', `${path} is larger than ${MAX_BYTES} bytes`);
  return text;
}

/** @param path how messages call the file */
export async function parseSettings(text: string, path: string): Promise<Settings> {
  if (text.trim() === '') return NO_SETTINGS;
  const { parse, TomlError } = await import('smol-toml');
  let table: Record<string, unknown>;
  try {
    table = parse(text);
  } catch (error) {
    const place = error instanceof TomlError ? `${path}:${error.line}:${error.column}` : path;
    const problem = firstLine(error).replace(/^Invalid TOML document: /, '');
    throw new CliError('config.invalid', `${place}: ${printable(problem)}`, {
      hint: error instanceof TomlError ? `correct line ${error.line} of ${path}` : `correct ${path}`,
      cause: error,
    });
  }
  const fail = failIn(path);
  const unknown = Object.keys(table).find((key) => !SETTINGS.includes(key));
  if (unknown !== undefined)
    return fail(
      `there is no setting called ${JSON.stringify(printable(unknown))}`,
      'known: registry, dotenv, [registries]',
    );
  const { registry, registries, dotenv } = table;
  if (registry !== undefined && typeof registry !== 'string')
    return fail('registry must be a URL or a name in quotes', 'registry = "https://registry.example.com"');
  if (dotenv !== undefined && (typeof dotenv !== 'string' || !isAbsolute(dotenv)))
    return fail('dotenv must be an absolute path in quotes', 'dotenv = "/home/me/secrets.env"');
  const named = readRegistries(registries, fail);
  if (registry !== undefined && isRegistryName(registry) && !named.has(registry))
    return fail(
      `registry = ${JSON.stringify(registry)} is no URL, and [registries] has none of that name`,
      `sheaf registry add ${registry} URL`,
    );
  return {
    ...(registry === undefined ? {} : { registry }),
    ...(dotenv === undefined ? {} : { dotenv }),
    registries: named,
  };
}

type Fail = (problem: string, hint: string) => never;

function failIn(path: string): Fail {
  return (problem, hint) => {
    throw new CliError('config.invalid', `${path}: ${problem}`, { hint });
  };
}

function readRegistries(table: unknown, fail: Fail): ReadonlyMap<string, RegistrySetting> {
  if (table === undefined) return new Map();
  if (!isTable(table)) return fail('registries must be a table', 'write [registries]');
  const entries = Object.entries(table);
  if (entries.length > MAX_REGISTRIES)
    return fail(`[registries] has more than ${MAX_REGISTRIES} entries`, 'remove some');
  return new Map(entries.map(([name, value]) => [name, readRegistry(name, value, fail)]));
}

function readRegistry(name: string, value: unknown, fail: Fail): RegistrySetting {
  const place = `registries.${printable(name.slice(0, 80))}`;
  if (!isRegistryName(name))
    return fail(
      `${JSON.stringify(printable(name.slice(0, 80)))} is no name of a registry`,
      'use 1 to 64 lower-case letters, digits and hyphens, with a letter or digit at both ends',
    );
  const table = typeof value === 'string' ? { url: value } : value;
  if (!isTable(table) || typeof table['url'] !== 'string')
    return fail(`${place} has no url`, `${place} = "https://registry.example.com"`);
  const unknown = Object.keys(table).find((key) => !KNOWN.includes(key));
  if (unknown !== undefined)
    return fail(
      `${place} has no setting called ${JSON.stringify(printable(unknown))}`,
      `known: ${KNOWN.join(', ')}`,
    );
  const { account, spki = [], anonymous = false } = table;
  if (account !== undefined && (typeof account !== 'string' || !isAccountName(account)))
    return fail(`${place}.account is no name of an account`, 'use letters, digits and . _ @ + -');
  if (!Array.isArray(spki) || spki.length > MAX_PINS || !spki.every(isPin))
    return fail(`${place}.spki must be a list of pins`, 'spki = ["sha256/BASE64"]');
  if (typeof anonymous !== 'boolean')
    return fail(`${place}.anonymous must be true or false`, 'anonymous = true');
  return {
    name,
    url: readUrl(place, table['url'], fail),
    spki,
    ...(account === undefined ? {} : { account }),
    ...(anonymous ? { anonymous } : {}),
  };
}

/** Of what TOML may hold. */
function isPin(value: unknown): value is string {
  return typeof value === 'string' && isSpkiPin(value);
}

function readUrl(place: string, text: string, fail: Fail): string {
  try {
    return normaliseRegistryUrl(text);
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    return fail(`${place}: ${error.message}`, error.hint[0] ?? '');
  }
}

/** Whether it is a pin of a public key as RFC 7469 writes it. */
export function isSpkiPin(text: string): boolean {
  return SPKI_PIN.test(text);
}

/** Whether it may be what an account is called on this machine. */
export function isAccountName(text: string): boolean {
  return ACCOUNT.test(text);
}

function isTable(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

async function readOptional(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n', 1)[0] ?? '';
}
