import { registryIdOf, type CacheItem, type TrustStore } from '@sheaf/client';

/** One workflow of the cache, or a bundle that only a lockfile knows. */
export interface CachedRow {
  /** Absent when no receipt is here that names the bundle. */
  readonly id?: string;
  readonly version?: string;
  /** Of the tar. */
  readonly digest?: string;
  /** Of the bundle. */
  readonly blob: string;
  /** Whether the bundle is here, and not its receipt alone. */
  readonly complete: boolean;
  /** Address of the registry, if it is pinned here. */
  readonly registry?: string;
  /** Bundle and receipts. */
  readonly sizeBytes: number;
  /** RFC 3339, UTC. */
  readonly usedAt: string;
  /** Whether the lockfile of the working directory holds it. */
  readonly pinned: boolean;
}

/** Finds the address behind what the cache calls a registry. */
export async function registryNames(
  trust: Pick<TrustStore, 'listPins'>,
): Promise<ReadonlyMap<string, string>> {
  return new Map((await trust.listPins()).map((pin) => [registryIdOf(pin), pin.url]));
}

/** A row for each workflow; a bundle that several registries have has several rows, and its size counts once. */
export function describeItems(
  items: readonly CacheItem[],
  registries: ReadonlyMap<string, string>,
  locked: ReadonlySet<string>,
): readonly CachedRow[] {
  return items.flatMap(({ blob, workflows, sizeBytes, usedMs }): readonly CachedRow[] => {
    const usedAt = new Date(usedMs).toISOString();
    const common = { blob, usedAt, pinned: locked.has(blob) };
    if (workflows.length === 0) return [{ ...common, complete: true, sizeBytes }];
    return workflows.map(({ id, version, digest, hasBlob, registry }, i) => {
      const url = registries.get(registry);
      const named = { id, version, digest, ...(url === undefined ? {} : { registry: url }) };
      return { ...named, ...common, complete: hasBlob, sizeBytes: i === 0 ? sizeBytes : 0 };
    });
  });
}
