import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { encodeBase64, encodeStanding, findBase64, parseStanding, type Standing } from '@sheaf/bundle';
import type { Version, WorkflowId } from '@sheaf/workflow';
import { Type } from '@sinclair/typebox';
import { Check } from '@sinclair/typebox/value';
import { readNewest, writeNext } from './generations.js';
import { parseBounded } from './registry/json.js';
import { unusable } from './trust-error.js';

/** More documents than the events that decide about one release need: 16 revocations, a policy, a state. */
const MAX_FACTS = 24;
/** Room for as many, whose signed notes are as long as notes may be. */
const MAX_FACTS_BYTES = 16 << 20;
const MAX_ATTEMPTS = 100;

/** Names a release in the logs of one key: what such a log says of it is so under every address of the registry. */
export interface FactsKey {
  /** C2SP verifier key of the registry's public log. */
  readonly logKey: string;
  readonly id: WorkflowId;
  readonly version: Version;
}

/** What every method of a trust store takes. */
export interface TrustCallOptions {
  /** Ends the wait for the disk with `operation.cancelled`; what was to be changed may be changed all the same. */
  readonly signal?: AbortSignal | undefined;
}

/** What was proven of releases beyond their receipts: facts that stay, whatever a registry answers later. */
export interface FactStore {
  /** What was proven of a release here; empty when nothing was. */
  findFacts(key: FactsKey, options?: TrustCallOptions): Promise<readonly Standing[]>;
  /**
   * Changes the facts of a release by compare-and-swap across processes. Writes nothing when there is nothing new.
   *
   * @param unite is given what is kept now, and may be called several times
   */
  keepFacts(
    key: FactsKey,
    unite: (kept: readonly Standing[]) => readonly Standing[],
    options?: TrustCallOptions,
  ): Promise<void>;
}

const FactsSchema = Type.Object(
  {
    v: Type.Literal(1),
    logKey: Type.String(),
    id: Type.String(),
    version: Type.String(),
    standings: Type.Array(Type.String(), { minItems: 1, maxItems: MAX_FACTS }),
  },
  { additionalProperties: false },
);

/** Facts as files, a folder for each release below `dir`. @throws ClientError `trust.unusable` from the functions */
export function factFiles(dir: string): FactStore {
  const folderOf = ({ logKey, id, version }: FactsKey) =>
    join(dir, createHash('sha256').update(`${logKey}\n${id}\n${version}`).digest('hex').slice(0, 32));
  const read = async (key: FactsKey) => {
    const folder = folderOf(key);
    const found = await readNewest(folder, MAX_FACTS_BYTES);
    if (found === 'unreadable') throw unusable(folder, 'its newest entry cannot be read');
    if (found === undefined) return undefined;
    const standings = parseFacts(found.bytes, key);
    if (standings === undefined) throw unusable(found.path, 'it is damaged');
    return { ...found, standings };
  };
  return {
    findFacts: async (key) => (await read(key))?.standings ?? [],
    async keepFacts(key, unite) {
      for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
        const current = await read(key);
        const next = unite(current?.standings ?? []).slice(0, MAX_FACTS);
        if (next.length === 0) return;
        const bytes = encodeFacts(key, next);
        if (current !== undefined && bytes.equals(current.bytes)) return;
        if (await writeNext(folderOf(key), bytes, (current?.generation ?? 0) + 1)) return;
      }
      throw unusable(dir, 'too many others write to it');
    },
  };
}

function encodeFacts({ logKey, id, version }: FactsKey, standings: readonly Standing[]): Buffer {
  const documents = standings.map((standing) => encodeBase64(encodeStanding(standing)));
  return Buffer.from(`${JSON.stringify({ v: 1, logKey, id, version, standings: documents }, null, 2)}\n`);
}

function parseFacts(bytes: Uint8Array, key: FactsKey): readonly Standing[] | undefined {
  const value = parseBounded(bytes);
  if (!Check(FactsSchema, value)) return undefined;
  if (value.logKey !== key.logKey || value.id !== key.id || value.version !== key.version) return undefined;
  try {
    return value.standings.map((text) => parseStanding(findBase64(text) ?? new Uint8Array()));
  } catch {
    return undefined;
  }
}
