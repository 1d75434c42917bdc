import { REGISTRY_ORIGIN } from '@sheaf/bundle';
import { isRegistryName, type Pin } from '@sheaf/client';
import { normaliseRegistryUrl } from '../config/registry-url.js';
import { CliError } from '../frame/errors.js';
import { findNear } from '../frame/suggest.js';
import { printable } from '../terminal/escape.js';
import { shellWord } from '../terminal/shell.js';

/** The registries that are known on this machine. */
export interface KnownRegistries {
  readonly pins: readonly Pick<Pin, 'url' | 'origin'>[];
  /** By name, what the user's configuration calls them. What a repository calls one is nobody's word here. */
  readonly names: ReadonlyMap<string, { readonly url: string }>;
  /** Origins that rules of the user name already. */
  readonly ruled?: readonly string[];
}

/** The registry that a rule is about. */
export interface MeantOrigin {
  readonly origin: string;
  /** Pinned, or named by a rule; else nothing here has this origin yet. */
  readonly isKnown: boolean;
  /** A known one that looks like it, when it is not. */
  readonly near?: string | undefined;
}

/**
 * The origin of the registry that somebody names by its origin, its address, or what they call it. A word that looks like
 * a host may be an origin before its registry is pinned, as when a machine is prepared; any other has to be known.
 *
 * @throws CliError `usage.registry`, `log.key_unpinned` for an address or a name whose log key is not pinned
 */
export function findMeantOrigin(text: string, known: KnownRegistries): MeantOrigin {
  const { pins, names, ruled = [] } = known;
  if (text.includes('://')) return pinnedAt(known, normaliseRegistryUrl(text), text);
  const origins = [...new Set([...pins.map(({ origin }) => origin), ...ruled])];
  const named = names.get(text);
  if (origins.includes(text)) {
    if (named !== undefined && pins.some(({ url, origin }) => url === named.url && origin !== text))
      throw twoMeanings(text, named.url);
    return { origin: text, isKnown: true };
  }
  if (named !== undefined) return pinnedAt(known, named.url, text);
  const near = findNear(text, [...origins, ...names.keys()]);
  if (REGISTRY_ORIGIN.test(text) && !isRegistryName(text)) return { origin: text, isKnown: false, near };
  throw unknown(text, { near, origins, names: [...names.keys()] });
}

function pinnedAt({ pins }: KnownRegistries, url: string, text: string): MeantOrigin {
  const pin = pins.find((each) => each.url === url);
  if (pin !== undefined) return { origin: pin.origin, isKnown: true };
  throw new CliError(
    'log.key_unpinned',
    `the registry ${printable(text)} is not pinned, so its origin is not known`,
    { hint: `sheaf login ${shellWord(url)}, or name it by its origin` },
  );
}

function twoMeanings(text: string, url: string): CliError {
  return new CliError(
    'usage.registry',
    `${text} is the origin of one registry, and what your config.toml calls another`,
    { hint: `name it by its address: --registry ${shellWord(url)}, or that of the other` },
  );
}

function unknown(
  text: string,
  known: {
    readonly near: string | undefined;
    readonly origins: readonly string[];
    readonly names: readonly string[];
  },
): CliError {
  const { near, origins, names } = known;
  return new CliError(
    'usage.registry',
    `${JSON.stringify(text)} is no registry that is known here: neither a pinned origin nor a configured name`,
    {
      evidence: [
        ...origins.map((origin) => `origin  ${printable(origin)}`),
        ...names.map((name) => `name    ${name}`),
      ],
      hint: [
        ...(near === undefined ? [] : [`did you mean --registry ${shellWord(near)}`]),
        'sheaf login URL  pins a registry; its address or its origin names it then',
      ],
    },
  );
}
