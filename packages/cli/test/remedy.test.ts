import { createRegistryClient, isClientError, missingBlobs, type ClientError } from '@sheaf/client';
import { expect, it } from 'vitest';
import { describeError } from '../src/frame/errors.js';
import { hintOf } from '../src/frame/remedy.js';

it('has a command, a flag or a variable for what the library advises', () => {
  const told = (remedy: NonNullable<ClientError['remedy']>) =>
    hintOf({ hint: `first this, then ${remedy.text}; or that`, remedy });
  expect([
    told({ kind: 'name-registry', text: 'x' }),
    told({ kind: 'name-authority', text: 'x' }),
    told({ kind: 'allow-young', release: 'a/b@1.0.0', text: 'x' }),
    told({ kind: 'pin-log-key', url: 'https://wf.example', text: 'x' }),
    told({ kind: 'pin-log-key', url: undefined, text: 'x' }),
    told({ kind: 'fetch', references: ['a/b@^1', 'a/b@1 || *'], text: 'x' }),
  ]).toEqual([
    'first this, then set SHEAF_REGISTRY to the address of another; or that',
    'first this, then set NODE_EXTRA_CA_CERTS to the file with that of the authority; or that',
    'first this, then --allow-young a/b@1.0.0; or that',
    'first this, then run sheaf login https://wf.example --log-key KEY; or that',
    'first this, then run sheaf login URL --log-key KEY; or that',
    "first this, then run sheaf fetch a/b@^1 'a/b@1 || *'; or that",
  ]);
  expect(hintOf({ hint: 'as it is' })).toBe('as it is');
  expect(hintOf({})).toBeUndefined();
});

it('puts it into the errors that are shown', async () => {
  expect(describeError(missingBlobs([])).help).toEqual(['run sheaf fetch  once with a connection']);
  const client = createRegistryClient({
    url: 'http://127.0.0.1:1',
    retry: { retries: 0 },
    transport: 'node',
  });
  const error: unknown = await client.wellKnown().catch((caught: unknown) => caught);
  await client.close();
  expect(isClientError(error, 'network.unreachable') && error.hint).toBe(
    'start the registry there, or give the address of another as url',
  );
  expect(describeError(error).help).toEqual([
    'start the registry there, or set SHEAF_REGISTRY to the address of another',
  ]);
});
