import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_REGISTRY } from '../src/config/registry-url.js';
import { chooseRegistry, getNamed, listCandidates } from '../src/registry/choose.js';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'sheaf-choose-'));
  mkdirSync(join(dir, 'config'));
  mkdirSync(join(dir, 'project', 'sub'), { recursive: true });
});
afterEach(() => {
  rmSync(dir, { recursive: true });
});

const contextOf = (env: Record<string, string> = {}, cwd = 'project/sub') => ({
  env: { HOME: dir, ...env },
  cwd: join(dir, cwd),
  paths: { config: () => join(dir, 'config'), state: () => dir, cache: () => dir },
});
const configure = (text: string) => {
  writeFileSync(join(dir, 'config', 'config.toml'), text);
};
const writeProject = (text: string) => {
  writeFileSync(join(dir, 'project', 'sheaf.toml'), text);
};
const urlsOf = (choices: readonly { url: string }[]) => choices.map(({ url }) => url);

describe('the registry of a verb without a reference', () => {
  it('is that of the flag, else of the environment, else of the configuration, else the default', async () => {
    expect(await chooseRegistry(contextOf(), undefined)).toMatchObject({
      url: DEFAULT_REGISTRY,
      from: 'default',
    });
    configure(
      'registry = "corp"\n[registries]\ncorp = "https://corp.example/"\n[registries.tools]\nurl = "https://tools.example"\naccount = "work"\n',
    );
    writeProject('[registries]\nother = "https://other.example"\n');
    expect(await chooseRegistry(contextOf(), undefined)).toMatchObject({
      url: 'https://corp.example',
      from: 'config.toml',
      name: 'corp',
    });
    const env = { SHEAF_REGISTRY: 'tools' };
    expect(await chooseRegistry(contextOf(env), undefined)).toMatchObject({
      url: 'https://tools.example',
      from: 'SHEAF_REGISTRY',
      account: 'work',
    });
    expect(await chooseRegistry(contextOf(env), 'https://tools.example/')).toMatchObject({
      url: 'https://tools.example',
      from: '--registry',
      account: 'work',
    });
    // A name that is all the repository's own word gets no token that is typed in.
    for (const asked of [
      chooseRegistry(contextOf(env), 'other'),
      chooseRegistry(contextOf({ SHEAF_REGISTRY: 'other' }), undefined),
    ])
      await expect(asked).rejects.toMatchObject({
        code: 'reference.registry_unknown',
        hint: [
          expect.stringContaining('sheaf login https://other.example') as string,
          expect.stringContaining('sheaf registry add other https://other.example') as string,
        ],
      });
    expect((await getNamed(contextOf(), 'other')).url).toBe('https://other.example');
  });

  it('is the only one that has a name, and none of several', async () => {
    configure('[registries]\ncorp = "https://corp.example"\n');
    expect((await chooseRegistry(contextOf(), undefined)).url).toBe('https://corp.example');
    configure('[registries]\ncorp = "https://corp.example"\ntools = "https://tools.example"\n');
    await expect(chooseRegistry(contextOf(), undefined)).rejects.toMatchObject({
      code: 'usage.registry_needed',
    });
  });

  it('says which names there are, and which is near', async () => {
    configure('[registries]\ncorp = "https://corp.example"\n');
    await expect(chooseRegistry(contextOf(), 'crop')).rejects.toMatchObject({
      code: 'reference.registry_unknown',
      hint: ['did you mean corp', 'known: corp', 'sheaf registry add crop URL'],
    });
  });
});

describe('the registries of a reference that is not qualified', () => {
  it('are those of the project if it has any, else those of the user with the default', async () => {
    configure('registry = "https://usual.example"\n[registries]\ncorp = "https://corp.example"\n');
    expect(urlsOf(await listCandidates(contextOf()))).toEqual([
      'https://corp.example',
      'https://usual.example',
    ]);
    writeProject('[workflows]\n');
    expect(await listCandidates(contextOf())).toHaveLength(2);
    writeProject('[registries]\na = "https://a.example"\n');
    expect(urlsOf(await listCandidates(contextOf()))).toEqual(['https://a.example']);
  });

  it('are each there once, whatever names an address has', async () => {
    configure(
      'registry = "https://corp.example/"\n[registries]\ncorp = "https://corp.example"\nsame = "https://corp.example"\n',
    );
    expect(await listCandidates(contextOf())).toMatchObject([{ name: 'corp' }]);
  });
});

it('a name that project and user give to two registries is neither, however it is asked for', async () => {
  configure('[registries]\ncorp = "https://corp.example"\n');
  writeProject('[registries]\ncorp = "https://evil.example"\n');
  for (const asked of [
    () => getNamed(contextOf(), 'corp'),
    () => chooseRegistry(contextOf(), 'corp'),
    () => chooseRegistry(contextOf({ SHEAF_REGISTRY: 'corp' }), undefined),
    () => listCandidates(contextOf()),
  ])
    await expect(asked()).rejects.toMatchObject({
      code: 'reference.registry_ambiguous',
      message:
        '../sheaf.toml calls another registry corp than your config.toml: https://evil.example, not https://corp.example',
    });
  // What asks for no name is the user's alone.
  expect((await chooseRegistry(contextOf(), undefined)).url).toBe('https://corp.example');
  writeProject('[registries]\ncorp = "https://corp.example"\n');
  expect((await getNamed(contextOf(), 'corp')).url).toBe('https://corp.example');
  expect((await chooseRegistry(contextOf(), 'corp')).url).toBe('https://corp.example');
});

it.each([
  ['registry = 1\n', 'registry must be'],
  ['[registries]\na = oops\n', 'config.toml:2:5: invalid value'],
  ['registry = "corp"\n', 'none of that name'],
  ['registries = "x"\n', 'must be a table'],
  ['[registries]\nCorp = "https://a.example"\n', 'no name of a registry'],
  ['[registries]\na = "a.example"\n', 'registries.a'],
  ['[registries]\na = "https://ana:hunter2@a.example"\n', 'holds no user'],
  ['[registries.a]\nspki = []\n', 'has no url'],
  ['[registries.a]\nurl = "https://a.example"\nspki = ["sha256/short"]\n', 'list of pins'],
  ['[registries.a]\nurl = "https://a.example"\npin = "x"\n', 'no setting called "pin"'],
  ['[registries.a]\nurl = "https://a.example"\naccount = "a b"\n', 'no name of an account'],
  ['[registries]\n"__proto__" = "https://a.example"\n', 'no name of a registry'],
])('a config.toml that holds %j is refused with what is wrong', async (text, problem) => {
  configure(text);
  await expect(listCandidates(contextOf())).rejects.toMatchObject({
    code: 'config.invalid',
    message: expect.stringContaining(problem) as string,
  });
});
