import { existsSync } from 'node:fs';
import { cp, mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeKeyFile, type SigningKey } from '@sheaf/bundle';
import { expect } from 'vitest';
import { startLyingProxy, type LyingProxy } from './lying-proxy.js';
import type { RegistryProcess } from './registry-process.js';
import { createPerson, type CliResult, type Person } from './sheaf.js';

/** Somebody who trusts the log of a registry, and talks to it through something that may lie. */
export interface Victim extends Person {
  readonly proxy: LyingProxy;
  /** A file that every workflow of these tests makes when it runs. */
  readonly marker: string;
  /**
   * The command ends with this code and exit status, 3 unless another is given; with 3 it says that nothing was unpacked or
   * run. And it is so: no step ran, nothing of a bundle was left anywhere, and nothing came into the cache that was not there.
   */
  refuses(args: readonly string[], code: string | RegExp, exit?: number): Promise<CliResult>;
}

/** Signs one person in through a proxy, and answers others who begin with the same home. */
export async function prepareVictims(dir: string, registry: RegistryProcess): Promise<VictimMaker> {
  const proxy = await startLyingProxy(registry.url);
  const env = { SHEAF_REGISTRY: proxy.url };
  const first = await createPerson(join(dir, 'victim'), env);
  await first.ok(['login', proxy.url, '--with-token', '--yes'], { input: `${registry.ownerToken}\n` });
  let people = 0;
  return {
    proxy,
    create: async () => {
      people += 1;
      const home = join(dir, `victim-${people}`);
      await cp(first.home, home, { recursive: true });
      proxy.tell(() => undefined);
      const marker = join(dir, 'it-ran');
      await rm(marker, { force: true });
      return makeVictim(await createPerson(home, env), proxy, marker);
    },
  };
}

export interface VictimMaker {
  readonly proxy: LyingProxy;
  /** Somebody who has seen nothing of the log yet; the proxy is honest again, and nothing has run. */
  create(): Promise<Victim>;
}

/** A person who refuses, and checks that refusing was all. */
export function makeVictim(person: Person, proxy: LyingProxy, marker: string): Victim {
  return {
    ...person,
    proxy,
    marker,
    refuses: async (args, code, exit = 3) => {
      const before = await cached(person.home);
      const result = await person.sheaf(args);
      const [, told = ''] = /^error\[(.*)\]: /m.exec(result.stderr) ?? [];
      if (typeof code === 'string') expect(told, result.stderr).toBe(code);
      else expect(told, result.stderr).toMatch(code);
      expect({ exit: result.code, stdout: result.stdout }).toEqual({ exit, stdout: '' });
      if (exit === 3) expect(result.stderr).toContain('nothing was unpacked or run');
      expect(existsSync(marker)).toBe(false);
      const names = await readdir(person.home, { recursive: true });
      expect(names.filter((name) => /workflow\.toml$|\.tmp|\.partial/.test(name))).toEqual([]);
      expect((await cached(person.home)).filter((name) => !before.includes(name))).toEqual([]);
      return result;
    },
  };
}

/** Bundles and receipts that are kept. What was proven of a release's standing may be kept of a refused one. */
export async function cached(home: string): Promise<readonly string[]> {
  const names = await readdir(join(home, '.cache'), { recursive: true }).catch(() => []);
  return names.filter((name) => /\.(tar\.gz|json)$/.test(name)).sort();
}

/** Writes a workflow whose only step makes the marker, and answers its folder. */
export async function writeMark(dir: string, id: string, version: string): Promise<string> {
  const folder = join(dir, 'sources', id.replace('/', '-'), version);
  await mkdir(folder, { recursive: true });
  const definition = `id = "${id}"\nversion = "${version}"\n\n[steps.mark]\nrun = '${markCommand(dir)}'\n`;
  await writeFile(join(folder, 'workflow.toml'), definition);
  return folder;
}

/** Publishes such a workflow. */
export async function publishMark(dir: string, author: Person, id: string, version: string): Promise<void> {
  await author.ok(['publish', await writeMark(dir, id, version), '--yes']);
}

export function markCommand(dir: string): string {
  return `touch "${join(dir, 'it-ran')}"`;
}

/** A key that a person has, as a thief of their laptop would. */
export async function stealKey(person: Person, name: string): Promise<SigningKey> {
  const path = join(person.home, '.config/sheaf/keys', `${name}.json`);
  return (await decodeKeyFile(await readFile(path, 'utf8'))).key;
}
