import { parseWorkflowId } from '@sheaf/workflow';
import { describe, expect, it } from 'vitest';
import { logOriginOf } from './pin.js';
import { createTestLog, testKey } from './testing/test-log.js';
import { createTestRegistry, ORIGIN } from './testing/test-registry.js';
import { failsAt, freshnessOf, requestFor } from './testing/verifying.js';
import { verifyWorkflow } from './verify.js';

const PUBLIC_KEY = createTestLog({ origin: logOriginOf(ORIGIN, 'public') }).logKey;

/** A registry whose namespace `acme` is private, as somebody sees it who has pinned its public log. */
async function privately(realm = 'acme', key = testKey(1)) {
  const registry = createTestRegistry(createTestLog({ origin: logOriginOf(ORIGIN, realm), key }));
  const published = await registry.publish();
  return { registry, published, pin: { ...registry.pin(), logKey: PUBLIC_KEY } };
}

describe('the log of a private namespace', () => {
  it('is signed by the pinned key under its own name, and kept beside the public one', async () => {
    const { registry, published, pin } = await privately();
    const seen = new Map([['public', { checkpoint: 'of the public log', checkedAt: '' }]]);
    const { state, freshness } = freshnessOf(registry, { ...pin, realms: seen });
    const verified = await verifyWorkflow(requestFor(registry, published, { pin: state.pin, freshness }));
    expect(verified.realm).toBe('acme');
    expect(state.pin.realms.get('acme')?.checkpoint).toBe(registry.log.checkpoint());
    expect(state.pin.realms.get('public')?.checkpoint).toBe('of the public log');
    expect(state.pin.namespaces.get('acme')).toBe('acme');
  });

  it('is refused under another key', async () => {
    const { registry, published, pin } = await privately('acme', testKey(99));
    await failsAt('log', 'log.key_unknown', requestFor(registry, published, { pin }));
  });

  it('holds nothing of another namespace', async () => {
    const { registry, published, pin } = await privately('other');
    await failsAt('log', 'log.origin', requestFor(registry, published, { pin }));
  });

  it('does not take the place of the public one without notice, nor the other way round', async () => {
    const { registry, published, pin } = await privately();
    const wasPublic = { ...pin, namespaces: new Map([['acme', 'public']]) };
    await failsAt('log', 'log.realm_changed', requestFor(registry, published, { pin: wasPublic }));
    const open = createTestRegistry();
    const wasPrivate = { ...open.pin(), namespaces: new Map([['acme', 'acme']]) };
    await failsAt('log', 'log.realm_changed', requestFor(open, await open.publish(), { pin: wasPrivate }));
  });

  it('does not change while another process notes the namespace elsewhere', async () => {
    const { registry, published, pin } = await privately();
    const { freshness } = freshnessOf(registry, pin);
    const raced = {
      ...freshness,
      noteRealm: () => Promise.resolve(false),
      reload: () => Promise.resolve({ ...pin, namespaces: new Map([['acme', 'public']]) }),
    };
    await failsAt('signer', 'log.realm_changed', requestFor(registry, published, { pin, freshness: raced }));
  });

  it('is not taken for that of a namespace by a receipt that is of another, or not signed by its keys', async () => {
    const registry = createTestRegistry();
    const other = await registry.publish('acme/deploy');
    const stranger = await registry.publish('acme/deploy', '1.1.0', { signer: testKey(42) });
    const { state, freshness } = freshnessOf(registry);
    const asked = { id: parseWorkflowId('zeta/deploy'), version: other.version };
    const input = { pin: state.pin, freshness };
    await failsAt('leaf', 'leaf.mismatch', requestFor(registry, other, { ...input, expected: asked }));
    await failsAt('signer', 'key.unauthorised', requestFor(registry, stranger, input));
    expect([...state.pin.namespaces]).toEqual([]);
    expect(state.pin.realms.get('public')?.checkpoint).toBe(registry.log.checkpoint());
    await verifyWorkflow(requestFor(registry, other, { pin: state.pin, freshness }));
    expect([...state.pin.namespaces]).toEqual([['acme', 'public']]);
  });
});
