import { chmodSync, mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { secretsCheck } from '../src/doctor/secrets.js';
import { codeOf } from '../src/frame/errors.js';
import { openKeyring, type Keyring, type KeyringEntry } from '../src/keys/keyring.js';
import { keyringIndexPath, openKeyringStore } from '../src/secrets/keyring-store.js';
import { openVaultStore, type VaultDeps, type VaultStore } from '../src/secrets/vault-store.js';

/** The least that a vault may ask for. */
const COST = 2 ** 15;

/** A keyring in memory, and what is in it. */
function rememberingKeyring(): { readonly keyring: Keyring; readonly kept: Map<string, string> } {
  const kept = new Map<string, string>();
  const entryOf = (account: string): KeyringEntry => ({
    setPassword: (password) => Promise.resolve(void kept.set(account, password)),
    getPassword: () => Promise.resolve(kept.get(account) ?? null),
    deletePassword: () => Promise.resolve(kept.delete(account)),
  });
  return { keyring: openKeyring((account) => Promise.resolve(entryOf(account)), undefined, 'secret'), kept };
}

const stateFolder = (): string => mkdtempSync(join(tmpdir(), 'sheaf-secrets-'));

interface Asked {
  readonly vault: VaultStore;
  readonly questions: string[];
  readonly said: string[];
}

/** A vault on a machine where questions get these answers, one after the other. */
function openVault(
  stateDir: string,
  { answers = [], ...rest }: { readonly answers?: readonly string[] } & Partial<VaultDeps> = {},
): Asked {
  const left = [...answers];
  const questions: string[] = [];
  const said: string[] = [];
  const note = (line: string): void => void said.push(line);
  const ui = {
    canAsk: answers.length > 0,
    askSecret: (question: string) => {
      questions.push(question);
      return Promise.resolve(left.shift() ?? '');
    },
    say: note,
    warn: note,
  };
  const vault = openVaultStore({
    stateDir,
    env: {},
    ui,
    keyring: undefined,
    now: () => 0,
    cost: COST,
    ...rest,
  });
  return { vault, questions, said };
}

const PASSPHRASE = { SHEAF_VAULT_PASSPHRASE: 'correct' };
const TOKEN = { name: 'TOKEN' };

describe('the vault', () => {
  it('keeps secrets by name and scope, in a file that only its owner can read', async () => {
    const dir = stateFolder();
    const { vault } = openVault(dir, { env: PASSPHRASE });
    expect([await vault.method(), await vault.list(), await vault.find(TOKEN)]).toEqual([
      undefined,
      [],
      undefined,
    ]);
    await vault.set(TOKEN, 'value one');
    const second = await vault.set({ name: 'TOKEN', for: 'acme/notes' }, 'value two');
    const again = await vault.set(TOKEN, 'value three');
    const { vault: reopened } = openVault(dir, { env: PASSPHRASE });
    expect(await reopened.find(TOKEN)).toEqual({ version: again.version, value: 'value three' });
    expect(await reopened.find({ name: 'TOKEN', for: 'acme/notes' })).toMatchObject({ value: 'value two' });
    expect(await reopened.find({ name: 'TOKEN', for: 'acme' })).toBeUndefined();
    expect(await reopened.list()).toEqual([again, second]);
    expect([await reopened.remove(TOKEN), await reopened.remove(TOKEN)]).toEqual([true, false]);
    expect(await reopened.list()).toEqual([second]);
    expect(statSync(vault.path).mode & 0o777).toBe(0o600);
    expect(statSync(join(dir, 'secrets')).mode & 0o777).toBe(0o700);
    expect(readFileSync(vault.path, 'utf8')).not.toContain('value');
  });

  it('asks for a new passphrase twice, for one that is there once, and lists without it', async () => {
    const dir = stateFolder();
    const made = openVault(dir, { answers: ['open sesame', 'open sesame'] });
    await made.vault.set(TOKEN, 'value one');
    await made.vault.set(TOKEN, 'value two');
    expect(made.questions).toEqual(['passphrase for the new vault: ', 'the same again: ']);
    expect(made.said).toEqual(['no keyring is running: secrets go to a vault, which a passphrase protects']);
    const later = openVault(dir, { answers: ['wrong', 'open sesame'] });
    expect(await later.vault.list()).toHaveLength(1);
    expect(later.questions).toEqual([]);
    const both = await Promise.all([later.vault.find(TOKEN), later.vault.find(TOKEN)]);
    expect(both.map((found) => found?.value)).toEqual(['value two', 'value two']);
    expect([later.questions.length, later.said]).toEqual([2, ['that is not it']]);
  });

  it('tells a wrong passphrase, a missing one and damage from a secret that is not there', async () => {
    const dir = stateFolder();
    await openVault(dir, { env: PASSPHRASE }).vault.set(TOKEN, 'value one');
    const refusalOf = async (options: Parameters<typeof openVault>[1]): Promise<string | undefined> =>
      openVault(dir, options)
        .vault.find(TOKEN)
        .then(() => undefined, codeOf);
    expect(await openVault(dir).vault.find({ name: 'OTHER' })).toBeUndefined();
    expect(await refusalOf({})).toBe('vault.passphrase_required');
    expect(await refusalOf({ env: { SHEAF_VAULT_PASSPHRASE: 'wrong' } })).toBe('vault.passphrase_wrong');
    expect(await refusalOf({ answers: ['a', 'b', 'c', 'correct'] })).toBe('vault.passphrase_wrong');
    const { path } = openVault(dir).vault;
    const text = readFileSync(path, 'utf8');
    writeFileSync(path, text.replace('"TOKEN"', '"TOKEM"'));
    expect(await openVault(dir, { env: PASSPHRASE }).vault.find(TOKEN)).toBeUndefined();
    expect(
      await openVault(dir, { env: PASSPHRASE })
        .vault.find({ name: 'TOKEM' })
        .then(() => undefined, codeOf),
    ).toBe('vault.damaged');
    writeFileSync(path, text.slice(0, -20));
    expect(await refusalOf({ env: PASSPHRASE })).toBe('vault.damaged');
    // Nothing is written over what cannot be read.
    await expect(openVault(dir, { env: PASSPHRASE }).vault.set(TOKEN, 'value two')).rejects.toMatchObject({
      code: 'vault.damaged',
    });
    expect(readFileSync(path, 'utf8')).toBe(text.slice(0, -20));
  });

  it('has its key in the keyring where there is one, and says when that is gone', async () => {
    const dir = stateFolder();
    const { keyring, kept } = rememberingKeyring();
    const { vault, questions } = openVault(dir, { keyring });
    await vault.set(TOKEN, 'value one');
    expect([await vault.method(), questions, kept.size]).toEqual(['keyring', [], 1]);
    expect(await openVault(dir, { keyring }).vault.find(TOKEN)).toMatchObject({ value: 'value one' });
    const refusal = (store: VaultStore): Promise<unknown> => store.find(TOKEN).catch(codeOf);
    expect(await refusal(openVault(dir).vault)).toBe('vault.key_missing');
    const [account = ''] = kept.keys();
    kept.set(account, Buffer.alloc(32).toString('base64'));
    expect(await refusal(openVault(dir, { keyring }).vault)).toBe('vault.key_wrong');
  });

  it('asks for a passphrase where the keyring does not take its key', async () => {
    const broken = openKeyring(() => Promise.reject(new Error('locked')));
    const { vault, said } = openVault(stateFolder(), { keyring: broken, env: PASSPHRASE });
    await vault.set(TOKEN, 'value one');
    expect(await vault.method()).toBe('scrypt');
    expect(said).toEqual(['the keyring cannot be used (locked): a passphrase protects the vault']);
  });

  it('closes a file that others can read, and says so', async () => {
    const dir = stateFolder();
    const { vault, said } = openVault(dir, { env: PASSPHRASE });
    await vault.set(TOKEN, 'value one');
    chmodSync(vault.path, 0o644);
    await vault.list();
    expect(said.at(-1)).toContain('could be read by others');
    expect(statSync(vault.path).mode & 0o777).toBe(0o600);
  });
});

describe('the doctor', () => {
  it('says what is stored, and finds a vault that others can read without changing it', async () => {
    const dir = stateFolder();
    const { vault } = openVault(dir, { env: PASSPHRASE });
    const { keyring } = rememberingKeyring();
    const store = openKeyringStore({ stateDir: dir, keyring, now: () => 0, warn: () => undefined });
    const look = async (hasKeyring: boolean): Promise<unknown> =>
      secretsCheck({ state: () => dir }, () => ({ keyring: store, vault, hasKeyring }), 'linux').run(
        new AbortController().signal,
      );
    expect(await look(false)).toMatchObject({ status: 'skip' });
    await vault.set(TOKEN, 'value one');
    expect(await look(false)).toMatchObject({
      status: 'ok',
      detail: '1 secret in the vault, which a passphrase opens',
    });
    await store.set({ name: 'OTHER' }, 'value two');
    expect(await look(true)).toMatchObject({ status: 'ok' });
    expect(await look(false)).toMatchObject({
      status: 'warn',
      detail: expect.stringContaining('1 secret in the keyring') as string,
    });
    chmodSync(vault.path, 0o644);
    expect(await look(true)).toMatchObject({
      status: 'fail',
      detail: expect.stringContaining('0644') as string,
    });
    expect(statSync(vault.path).mode & 0o777).toBe(0o644);
  });
});

describe('the list of what is in the keyring', () => {
  const open = (stateDir: string, keyring: Keyring | undefined, said: string[] = []) =>
    openKeyringStore({ stateDir, keyring, now: () => 0, warn: (line) => void said.push(line) });

  it('is asked before the keyring is', async () => {
    const dir = stateFolder();
    const broken = openKeyring(() => Promise.reject(new Error('locked')));
    expect(await open(dir, broken).find(TOKEN)).toBeUndefined();
    const { keyring, kept } = rememberingKeyring();
    const entry = await open(dir, keyring).set({ name: 'TOKEN', for: 'acme' }, 'value one');
    expect(await open(dir, undefined).list()).toEqual([entry]);
    expect([...kept.keys()]).toEqual(['secret acme/TOKEN']);
    expect(readFileSync(keyringIndexPath(dir), 'utf8')).not.toContain('value one');
    expect(await open(dir, keyring).find({ name: 'TOKEN', for: 'acme' })).toEqual({
      version: entry.version,
      value: 'value one',
    });
    await expect(open(dir, broken).find({ name: 'TOKEN', for: 'acme' })).rejects.toMatchObject({
      code: 'secret.keyring',
      message: expect.stringContaining('locked') as string,
    });
  });

  it('tells what the keyring has lost or was given by somebody else, and repeats nothing of it', async () => {
    const dir = stateFolder();
    const { keyring, kept } = rememberingKeyring();
    await open(dir, keyring).set(TOKEN, 'value one');
    kept.set('secret TOKEN', 'hunter22');
    const message = await open(dir, keyring)
      .find(TOKEN)
      .catch((error: unknown) => String(error));
    expect(message).toMatch(/^CliError: the keyring does not give or take the secret TOKEN: .*not put there/);
    kept.clear();
    await expect(open(dir, keyring).find(TOKEN)).rejects.toMatchObject({
      message: expect.stringContaining('it has lost the secret') as string,
    });
  });

  it('lets a name go whose keyring is gone', async () => {
    const dir = stateFolder();
    await open(dir, rememberingKeyring().keyring).set(TOKEN, 'value one');
    const said: string[] = [];
    expect(await open(dir, undefined, said).remove(TOKEN)).toBe(true);
    expect(said).toEqual([expect.stringContaining('stays there')]);
    expect(await open(dir, undefined).list()).toEqual([]);
  });

  it('that is damaged is told, and not written over', async () => {
    const dir = stateFolder();
    const { keyring } = rememberingKeyring();
    await open(dir, keyring).set(TOKEN, 'value one');
    writeFileSync(keyringIndexPath(dir), '{"schema":"sheaf.secret-index/1","secrets":[{"name":"../x"}]}');
    await expect(open(dir, keyring).set(TOKEN, 'value two')).rejects.toMatchObject({
      code: 'config.invalid',
    });
  });
});
