import type { KeyId } from '@sheaf/bundle';
import { openTrustStore, type EditedPolicy, type Pin, type TrustStore } from '@sheaf/client';
import { withFileLock, writePrivateFile } from '../config/private-files.js';
import type { Context } from '../frame/context.js';
import { CliError } from '../frame/errors.js';
import { settingsOf } from './choose.js';
import { hasPins, trustDirOf } from './log-key.js';
import { findMeantOrigin, type MeantOrigin } from './origin-meant.js';
import { readTrusted, userPolicyPath } from './policy-files.js';

const PATTERN = /^[a-z0-9*](?:[a-z0-9*-]{0,62}[a-z0-9*])?$/;
const KEY_ID = /^[0-9a-f]{64}$/;

/**
 * Changes the user's `trust.toml`, whole or not at all, one process after the other. What did not change is not written.
 *
 * @throws CliError `file.busy`
 */
export async function editUserPolicy(
  context: Pick<Context, 'env' | 'paths' | 'signal'>,
  edit: (text: string, file: string) => EditedPolicy,
): Promise<EditedPolicy & { readonly file: string }> {
  const file = userPolicyPath(context);
  const work = async () => {
    const edited = edit((await readTrusted(file)) ?? '', file);
    if (edited.isChanged) await writePrivateFile(file, edited.text);
    return { ...edited, file };
  };
  return withFileLock(file, work, { signal: context.signal });
}

/** @throws CliError `usage.namespace` */
export function readPattern(text: string): string {
  if (PATTERN.test(text)) return text;
  throw new CliError('usage.namespace', `${JSON.stringify(text)} names no namespace`, {
    hint: 'lower-case letters, digits and hyphens; * stands for any run of them',
  });
}

/** @throws CliError `usage.key_id` */
export function readKeyIds(texts: readonly string[]): readonly KeyId[] {
  const bad = texts.find((text) => !KEY_ID.test(text));
  if (bad === undefined) return texts as readonly KeyId[];
  throw new CliError('usage.key_id', `--key ${JSON.stringify(bad)} is not the id of a key`, {
    hint: 'a key id has 64 lower-case hexadecimal digits: sheaf info REF --json lists those that signed',
  });
}

/** The trust store; undefined when nothing was ever pinned here. */
export async function findTrustStore(context: Pick<Context, 'paths'>): Promise<TrustStore | undefined> {
  return hasPins(context) ? openTrustStore(trustDirOf(context)) : undefined;
}

/**
 * The origin of a registry that is named by its origin, its address, or its name in the user's configuration.
 *
 * @param ruled origins that rules name already
 * @throws CliError `usage.registry`, `log.key_unpinned`, `config.invalid`
 */
export async function readOrigin(
  context: Pick<Context, 'paths'>,
  store: TrustStore | undefined,
  text: string,
  ruled: readonly string[] = [],
): Promise<MeantOrigin> {
  const pins = (await store?.listPins()) ?? [];
  const { registries } = await settingsOf(context);
  return findMeantOrigin(text, { pins, names: registries, ruled });
}

/** The pinned registries that a rule is about. */
export async function findPins(
  store: TrustStore | undefined,
  origin: string | undefined,
): Promise<readonly Pin[]> {
  const pins = (await store?.listPins()) ?? [];
  return origin === undefined ? pins : pins.filter((pin) => pin.origin === origin);
}

/**
 * The one registry that a rule is made for. A name may be somebody else's at another registry, so a rule is never for
 * all of them.
 *
 * @throws CliError `usage.registry` when none is named and it is not plain which one is meant; as {@link readOrigin}
 */
export async function chooseOrigin(
  context: Pick<Context, 'ui' | 'paths'>,
  store: TrustStore | undefined,
  named: string | undefined,
): Promise<string> {
  if (named !== undefined) {
    const { origin, isKnown, near } = await readOrigin(context, store, named);
    if (!isKnown)
      context.ui.warn(
        `no registry with the origin ${origin} is pinned here${near === undefined ? '' : `; did you mean ${near}`}: the rule says nothing before one is`,
      );
    return origin;
  }
  const origins = [...new Set((await findPins(store, undefined)).map(({ origin }) => origin))].sort();
  const [only, ...others] = origins;
  if (only === undefined || others.length > 0) {
    throw new CliError(
      'usage.registry',
      only === undefined
        ? 'no registry is pinned yet, so the rule must name the one it is for'
        : `${origins.length} registries are pinned, and the rule must name the one it is for`,
      {
        evidence: origins.map((origin) => `pinned  ${origin}`),
        hint: `--registry ${only ?? 'wf.example.com'}`,
      },
    );
  }
  context.ui.say(`for the registry ${only}, the only one that is pinned`);
  return only;
}
