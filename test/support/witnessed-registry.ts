import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startRegistryProcess, type RegistryProcess } from './registry-process.js';
import { createPerson, signIn, type Person } from './sheaf.js';
import { startWitnessProcess, type WitnessProcess } from './witness-process.js';

const NAMES = ['one.example', 'two.example'];
const COSIGNATURE = /^— (?:one|two)\.example .*\n/gm;

/** A registry whose log two witnesses cosign, `one.example` and `two.example`. */
export interface WitnessedRegistry {
  readonly registry: RegistryProcess;
  readonly logKey: string;
  /** The owner of the registry, who has a key. */
  readonly author: Person;
  /** The second witness goes away. */
  stopSecond(): Promise<void>;
  /** It comes back, with what it kept. */
  startSecond(): Promise<void>;
  newestNote(): Promise<string>;
  /** Waits for the newest checkpoint to have both cosignatures: a witness that failed is asked again in half a minute. */
  untilCosigned(): Promise<void>;
  /** Somebody whose witness policy asks for `all` or for `any` of the two. */
  createReader(name: string, threshold: 'all' | 'any', url?: string): Promise<Person>;
  stop(): Promise<void>;
}

/** The lines with which witnesses cosigned a note. */
export function cosignaturesOf(note: string): readonly string[] {
  return note.match(COSIGNATURE) ?? [];
}

export async function startWitnessedRegistry(dir: string): Promise<WitnessedRegistry> {
  const dataDir = join(dir, 'data');
  // A witness must know the log's key, which the registry makes when it first starts.
  const first = await startRegistryProcess({ dataDir });
  const port = Number(new URL(first.url).port);
  const document: unknown = await (await fetch(`${first.url}/.well-known/sheaf-registry`)).json();
  const logKey = (document as { logs: { key: string }[] }).logs[0]?.key ?? '';
  await first.stop();
  const startWitness = (i: number, at = 0): Promise<WitnessProcess> =>
    startWitnessProcess({ dataDir: join(dir, `witness ${i}`), name: NAMES[i] ?? '', logKey, port: at });
  const one = await startWitness(0);
  let two = await startWitness(1);
  const keys = [one.key, two.key];
  const registry = await startRegistryProcess({
    dataDir,
    port,
    env: {
      SHEAF_WITNESSES: `${one.url} ${one.key}\n${two.url} ${two.key}`,
      SHEAF_WITNESS_TIMEOUT_MS: '4000',
    },
  });
  const author = await createPerson(join(dir, 'author'));
  await signIn(author, registry, 'acme');
  const newestNote = async () => (await fetch(`${registry.url}/log/public/checkpoint`)).text();
  return {
    registry,
    logKey,
    author,
    stopSecond: () => two.stop(),
    startSecond: async () => {
      two = await startWitness(1, Number(new URL(two.url).port));
    },
    newestNote,
    untilCosigned: async () => {
      for (let tries = 0; tries < 300; tries++) {
        if (cosignaturesOf(await newestNote()).length === NAMES.length) return;
        await sleep(200);
      }
      throw new Error(`the newest checkpoint was not cosigned by both:\n${await newestNote()}`);
    },
    createReader: async (name, threshold, url = registry.url) => {
      const person = await createPerson(join(dir, name), { SHEAF_REGISTRY: url });
      const folder = join(person.home, '.config/sheaf');
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const lines = keys.map((key, i) => `witness w${i} ${key}`);
      const policy = [`log ${logKey}`, ...lines, `group both ${threshold} w0 w1`, 'quorum both', ''].join(
        '\n',
      );
      await writeFile(join(folder, 'witness.policy'), policy, { mode: 0o600 });
      return person;
    },
    stop: async () => {
      await registry.stop();
      await Promise.all([one.stop(), two.stop()]);
    },
  };
}
