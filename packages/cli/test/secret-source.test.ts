import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findPaths } from '../src/config/paths.js';
import { CliError, codeOf } from '../src/frame/errors.js';
import { openKeyringStore } from '../src/secrets/keyring-store.js';
import { openSecretSource } from '../src/secrets/open-source.js';
import type { SecretKey } from '../src/secrets/secret-key.js';
import { openVaultStore } from '../src/secrets/vault-store.js';

type SourceContext = Parameters<typeof openSecretSource>[0];

interface Place {
  readonly context: SourceContext;
  readonly said: string[];
  readonly put: (place: 'keyring' | 'vault', key: SecretKey, value: string) => Promise<unknown>;
}

/** A machine without a running keyring, and a vault that `correct` opens. */
function createPlace({
  env = { SHEAF_VAULT_PASSPHRASE: 'correct' },
  answers,
}: { readonly env?: SourceContext['env']; readonly answers?: readonly (string | Error)[] } = {}): Place {
  const dir = mkdtempSync(join(tmpdir(), 'sheaf-source-'));
  const said: string[] = [];
  const note = (line: string): void => void said.push(line);
  const left = [...(answers ?? [])];
  const paths = findPaths({ HOME: dir }, isAbsolute);
  const ui = {
    canAsk: answers !== undefined,
    say: note,
    warn: note,
    askSecret: (question: string) => {
      note(question);
      const answer = left.shift() ?? '';
      return typeof answer === 'string' ? Promise.resolve(answer) : Promise.reject(answer);
    },
  } as unknown as SourceContext['ui'];
  const stateDir = paths.state();
  const now = (): number => 0;
  const vault = openVaultStore({
    stateDir,
    env: { SHEAF_VAULT_PASSPHRASE: 'correct' },
    ui: { ...ui, say: () => undefined },
    keyring: undefined,
    now,
    cost: 2 ** 15,
  });
  const keyring = openKeyringStore({
    stateDir,
    now,
    warn: note,
    keyring: {
      find: () => Promise.resolve(undefined),
      put: () => Promise.resolve(),
      remove: () => Promise.resolve(),
    },
  });
  return {
    context: { cwd: dir, env, paths, ui, now, signal: new AbortController().signal },
    said,
    put: (place, key, value) => (place === 'vault' ? vault : keyring).set(key, value),
  };
}

const ASKER = { workflow: 'acme/notes' };

describe('where a run looks for a secret', () => {
  it('is keyring, vault, dotenv file and environment, and first what is for it alone', async () => {
    const { context, put, said } = createPlace({
      env: { SHEAF_VAULT_PASSPHRASE: 'correct', ONE: 'of environment', TWO: 'of environment', SIX: '' },
    });
    writeFileSync(join(context.cwd, 'x.env'), "TWO='of file'\nTHREE='of file'\nSIX=\n");
    await put('vault', { name: 'THREE' }, 'for all');
    await put('vault', { name: 'FOUR' }, 'for all');
    await put('vault', { name: 'FOUR', for: 'acme' }, 'for the namespace');
    await put('vault', { name: 'FIVE', for: 'acme' }, 'for the namespace');
    await put('vault', { name: 'FIVE', for: 'acme/notes' }, 'for the workflow');
    await put('vault', { name: 'SIX', for: 'acme/other' }, 'for another');
    const source = await openSecretSource(context, 'x.env');
    const names = ['ONE', 'TWO', 'THREE', 'FOUR', 'FIVE', 'SIX', 'PATH_TO', '__proto__'];
    const found = await Promise.all(names.map((name) => source.find(name, ASKER)));
    expect(found.map((each) => each && [each.value, each.source, each.version !== undefined])).toEqual([
      ['of environment', 'environment', false],
      ['of file', 'dotenv', false],
      ['for all', 'vault', true],
      ['for the namespace', 'vault', true],
      ['for the workflow', 'vault', true],
      undefined,
      undefined,
      undefined,
    ]);
    await source.find('TWO', ASKER);
    expect(said).toEqual([
      'the variable TWO of the environment is not used: the dotenv file has a secret of that name',
    ]);
  });

  it('is nowhere else when the keyring has it and does not give it', async () => {
    const { context, put } = createPlace({
      env: { SHEAF_VAULT_PASSPHRASE: 'correct', TOKEN: 'of environment' },
    });
    await put('vault', { name: 'TOKEN' }, 'of the vault');
    // This one has lost what its list has.
    await put('keyring', { name: 'TOKEN', for: 'acme' }, 'of the keyring');
    const source = await openSecretSource(context, undefined);
    await expect(source.find('TOKEN', ASKER)).rejects.toMatchObject({ code: 'secret.keyring' });
    expect(await source.find('TOKEN', { workflow: 'other/notes' })).toMatchObject({ source: 'vault' });
  });

  it('may be a dotenv file of the configuration, which a typed one takes the place of', async () => {
    const { context } = createPlace({ env: {} });
    const configured = join(context.cwd, 'mine.env');
    writeFileSync(configured, 'TOKEN=configured\n');
    writeFileSync(join(context.cwd, 'typed.env'), 'OTHER=typed\n');
    mkdirSync(context.paths.config(), { recursive: true });
    const config = join(context.paths.config(), 'config.toml');
    writeFileSync(config, `dotenv = ${JSON.stringify(configured)}\n`);
    const usual = await openSecretSource(context, undefined);
    expect(await usual.find('TOKEN', ASKER)).toEqual({ value: 'configured', source: 'dotenv' });
    expect([...(await usual.atHand(['TOKEN', 'OTHER'], ASKER))]).toEqual(['configured']);
    const typed = await openSecretSource(context, 'typed.env');
    expect(await typed.find('TOKEN', ASKER)).toBeUndefined();
    writeFileSync(config, 'dotenv = "mine.env"\n');
    const relative = await openSecretSource(context, undefined);
    await expect(relative.find('TOKEN', ASKER)).rejects.toMatchObject({ code: 'config.invalid' });
  });
});

describe('the passphrase of the vault', () => {
  it('is asked for before the run begins, where the run may get something of it, and once', async () => {
    const { context, put, said } = createPlace({ env: {}, answers: ['correct'] });
    await put('vault', { name: 'TOKEN', for: 'acme' }, 'of the vault');
    const source = await openSecretSource(context, undefined);
    expect([...(await source.atHand(['OTHER'], ASKER))]).toEqual([]);
    expect([...(await source.atHand(['TOKEN'], { workflow: 'other/notes' }))]).toEqual([]);
    expect(said).toEqual([]);
    expect([...(await source.atHand(['TOKEN'], ASKER))]).toEqual(['of the vault']);
    expect(await source.find('TOKEN', ASKER)).toMatchObject({ value: 'of the vault' });
    expect(said).toEqual(['passphrase of the vault: ']);
  });

  it('that is wrong is told by the step that needs the secret, and nobody is asked again', async () => {
    const { context, put, said } = createPlace({ env: {}, answers: ['a', 'b', 'c', 'correct'] });
    await put('vault', { name: 'TOKEN' }, 'of the vault');
    const source = await openSecretSource(context, undefined);
    expect([...(await source.atHand(['TOKEN'], ASKER))]).toEqual([]);
    const asked = said.length;
    expect(await source.find('TOKEN', ASKER).catch(codeOf)).toBe('vault.passphrase_wrong');
    expect(said).toHaveLength(asked);
  });

  it('that somebody does not want to give ends the run', async () => {
    const { context, put } = createPlace({
      env: {},
      answers: [new CliError('cancelled', 'cancelled at a question')],
    });
    await put('vault', { name: 'TOKEN' }, 'of the vault');
    const source = await openSecretSource(context, undefined);
    await expect(source.atHand(['TOKEN'], ASKER)).rejects.toMatchObject({ code: 'cancelled' });
  });
});
