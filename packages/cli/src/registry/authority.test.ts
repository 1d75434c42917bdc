import { ClientError, type PackedWorkflow } from '@sheaf/client';
import { expect, it } from 'vitest';
import type { ChosenKey } from '../keys/signing-key.js';
import type { Context } from '../frame/context.js';
import { ensureAuthority } from './authority.js';
import type { Session } from './session.js';

const context = { ui: { canAsk: false } } as Context;
const key = { label: 'me', key: { publicKey: { id: 'ab'.repeat(32) } } } as unknown as ChosenKey;
const options = {
  packed: { bundle: { definition: { id: 'me/flow' } } } as PackedWorkflow,
  words: ['flow'],
  keys: [key] as const,
  origin: 'two.example',
  yes: false,
  dryRun: false,
};

it('what makes a missing namespace stays at the registry that a flag named', async () => {
  const client = { getNamespace: () => Promise.reject(new ClientError('namespace.not_found', 'none')) };
  const url = 'https://two.example';
  const ask = (choice: Session['choice']) =>
    ensureAuthority(context, { url, choice, client } as unknown as Session, options);
  await expect(ask({ url, from: '--registry', name: 'two' })).rejects.toMatchObject({
    hint: [
      expect.stringContaining('sheaf publish flow --registry two --yes  would'),
      'or by hand: sheaf namespace create me --registry two',
      'then sheaf key register me --key me --registry two',
    ],
  });
  await expect(ask({ url, from: 'default' })).rejects.toMatchObject({
    hint: expect.not.arrayContaining([expect.stringContaining('--registry')]) as unknown,
  });
});
