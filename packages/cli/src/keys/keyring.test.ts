import { describe, expect, it } from 'vitest';
import { KeyringError, openKeyring, type KeyringEntry } from './keyring.js';

function remembering(): (account: string) => Promise<KeyringEntry> {
  const kept = new Map<string, string>();
  return (account) =>
    Promise.resolve({
      setPassword: (password) => Promise.resolve(void kept.set(account, password)),
      getPassword: () => Promise.resolve(kept.get(account) ?? null),
      deletePassword: () => Promise.resolve(kept.delete(account)),
    });
}

describe('openKeyring', () => {
  it('gives back what was stored for a key, and nothing for another', async () => {
    const keyring = openKeyring(remembering());
    await keyring.put('aa', 'secret');
    expect([await keyring.find('aa'), await keyring.find('bb')]).toEqual(['secret', undefined]);
  });

  it('fails when what it gives back differs', async () => {
    const keyring = openKeyring(() =>
      Promise.resolve({
        setPassword: () => Promise.resolve(),
        getPassword: () => Promise.resolve(null),
        deletePassword: () => Promise.resolve(false),
      }),
    );
    await expect(keyring.put('aa', 'secret')).rejects.toThrow('does not give back');
  });

  it('tells the first line of whatever is thrown, as its own error', async () => {
    const keyring = openKeyring(() => Promise.reject(new Error('no session bus\nat native code')));
    await expect(keyring.find('aa')).rejects.toEqual(new KeyringError('no session bus'));
  });

  it('does not wait for ever', async () => {
    const keyring = openKeyring(() => new Promise(() => undefined), 20);
    await expect(keyring.find('aa')).rejects.toThrow('did not answer');
  });
});
