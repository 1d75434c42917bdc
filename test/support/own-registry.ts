import { join } from 'node:path';
import { makeTempDir, removeDir, startRegistryProcess, type RegistryProcess } from './registry-process.js';
import { createPerson, signIn, type Person } from './sheaf.js';

/** A registry with its owner at a shell: signed in, trusting its log, with one key. */
export interface OwnRegistry {
  /** Holds the data of the registry, and the homes of people. */
  readonly dir: string;
  readonly registry: RegistryProcess;
  readonly owner: Person;
  readonly close: () => Promise<void>;
}

export async function startOwnRegistry(
  ownerName: string,
  keyName: string,
  env: Readonly<Record<string, string>> = {},
): Promise<OwnRegistry> {
  const dir = await makeTempDir();
  const registry = await startRegistryProcess({ dataDir: join(dir, 'data'), env });
  const owner = await createPerson(join(dir, ownerName));
  await signIn(owner, registry, keyName);
  return {
    dir,
    registry,
    owner,
    close: async () => {
      await registry.stop();
      await removeDir(dir);
    },
  };
}
