import { randomBytes } from 'node:crypto';
import { link, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { KeyId } from '@sheaf/bundle';
import { Type } from '@sinclair/typebox';
import { Check } from '@sinclair/typebox/value';
import {
  ensureDurableFolder,
  findFile,
  isFileError,
  removeFile,
  replaceFile,
  syncFolder,
  writeDurably,
} from './files.js';
import type { AcceptedPublisher } from './policy/trust-policy.js';
import { parseBounded } from './registry/json.js';

const MAX_BYTES = 64 * 1024;
const MAX_KEYS = 64;
const NAMESPACE = /^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/;
const REGISTRY_ID = /^[0-9a-f]{64}$/;

const AcceptedSchema = Type.Object(
  {
    v: Type.Literal(1),
    registry: Type.String({ pattern: REGISTRY_ID.source }),
    origin: Type.String(),
    namespace: Type.String({ pattern: NAMESPACE.source }),
    keys: Type.Array(Type.String({ pattern: '^[0-9a-f]{64}$' }), { minItems: 1, maxItems: MAX_KEYS }),
    threshold: Type.Integer({ minimum: 1, maximum: MAX_KEYS }),
    acceptedAt: Type.String(),
    how: Type.Union([Type.Literal('asked'), Type.Literal('flag'), Type.Literal('endorsed')]),
  },
  { additionalProperties: false },
);

/** What lies where an acceptance should lie and is none. */
export const DAMAGED = 'damaged';

/** Acceptances as files, one a publisher; names and places are this module's alone. */
export interface AcceptedFiles {
  find(registry: string, namespace: string): Promise<AcceptedPublisher | typeof DAMAGED | undefined>;
  list(): Promise<readonly (AcceptedPublisher | typeof DAMAGED)[]>;
  /** Only when there is none: of two processes one wins. */
  create(accepted: AcceptedPublisher): Promise<boolean>;
  replace(accepted: AcceptedPublisher): Promise<void>;
  /** False when there was none. */
  remove(registry: string, namespace: string): Promise<boolean>;
}

export function acceptedFiles(dir: string): AcceptedFiles {
  const root = join(dir, 'publishers');
  const pathOf = (registry: string, namespace: string): string => {
    if (!REGISTRY_ID.test(registry) || !NAMESPACE.test(namespace))
      throw new Error('an acceptance is named by a registry id and a namespace');
    return join(root, registry, `${namespace}.json`);
  };
  const find = async (registry: string, namespace: string) => {
    const path = pathOf(registry, namespace);
    let bytes = await findFile(path, MAX_BYTES);
    if (bytes === undefined) {
      if (!(await isThere(path))) return undefined;
      // Another process may have written it between the two looks.
      bytes = await findFile(path, MAX_BYTES);
      if (bytes === undefined) return DAMAGED;
    }
    return parseAccepted(bytes, registry, namespace);
  };
  return {
    find,
    async list() {
      const all: (AcceptedPublisher | typeof DAMAGED)[] = [];
      for (const registry of (await namesIn(root)).filter((name) => REGISTRY_ID.test(name))) {
        for (const name of await namesIn(join(root, registry))) {
          const namespace = name.endsWith('.json') ? name.slice(0, -'.json'.length) : '';
          const found = NAMESPACE.test(namespace) ? await find(registry, namespace) : undefined;
          if (found !== undefined) all.push(found);
        }
      }
      return all;
    },
    async create(accepted) {
      const path = pathOf(accepted.registry, accepted.namespace);
      const folder = dirname(path);
      await ensureDurableFolder(folder);
      const temporary = join(folder, temporaryName());
      try {
        await writeDurably(temporary, encode(accepted));
        await link(temporary, path);
      } catch (error) {
        if (isFileError(error, 'EEXIST')) return false;
        throw error;
      } finally {
        await removeFile(temporary);
      }
      await syncFolder(folder);
      return true;
    },
    replace: (accepted) =>
      replaceFile(pathOf(accepted.registry, accepted.namespace), encode(accepted), temporaryName),
    async remove(registry, namespace) {
      const path = pathOf(registry, namespace);
      const found = await isThere(path);
      await removeFile(path);
      return found;
    },
  };
}

function encode(accepted: AcceptedPublisher): Uint8Array {
  return Buffer.from(`${JSON.stringify({ v: 1, ...accepted }, null, 2)}\n`);
}

function parseAccepted(
  bytes: Uint8Array,
  registry: string,
  namespace: string,
): AcceptedPublisher | typeof DAMAGED {
  const value = parseBounded(bytes);
  if (!Check(AcceptedSchema, value) || value.registry !== registry || value.namespace !== namespace)
    return DAMAGED;
  const { origin, threshold, acceptedAt, how } = value;
  return { registry, origin, namespace, keys: value.keys as KeyId[], threshold, acceptedAt, how };
}

async function isThere(path: string): Promise<boolean> {
  const name = path.slice(dirname(path).length + 1);
  return (await namesIn(dirname(path))).includes(name);
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isFileError(error, 'ENOENT')) return [];
    throw error;
  }
}

function temporaryName(): string {
  return `.tmp-${randomBytes(12).toString('hex')}`;
}
