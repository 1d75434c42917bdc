import type { KeyId } from '@sheaf/bundle';
import { parseNamespace, parseVersion, parseWorkflowName } from '@sheaf/workflow';
import { describe, expect, it } from 'vitest';
import type { QueuedLeaf } from '../log/leaves.js';
import { eventOf } from './event.js';

const release = {
  ns: parseNamespace('acme'),
  name: parseWorkflowName('deploy'),
  version: parseVersion('1.0.0'),
} as const;
const keyid = 'a'.repeat(64) as KeyId;

describe('the event of a leaf', () => {
  it('of a release names it, and why', () => {
    const leaf: QueuedLeaf = { type: 'yank', ...release, reason: 'broken', replacement: 'acme/deploy@2' };
    expect(eventOf(leaf)).toEqual({
      topic: 'release.yanked',
      workflow: 'deploy',
      version: '1.0.0',
      detail: { reason: 'broken', replacement: 'acme/deploy@2' },
    });
  });

  it('of a state that is taken back says why, where somebody said it', () => {
    const leaf: QueuedLeaf = { type: 'unyank', ...release };
    expect(eventOf(leaf)).toMatchObject({ topic: 'release.unyanked', detail: {} });
    expect(eventOf({ ...leaf, reason: 'mended' })).toMatchObject({ detail: { reason: 'mended' } });
  });

  it('of a channel names it', () => {
    const { ns, name } = release;
    expect(eventOf({ type: 'channel.set', ...release, channel: 'beta' })).toEqual({
      topic: 'channel.moved',
      workflow: 'deploy',
      version: '1.0.0',
      detail: { channel: 'beta' },
    });
    expect(eventOf({ type: 'channel.remove', ns, name, channel: 'beta' })).toEqual({
      topic: 'channel.removed',
      workflow: 'deploy',
      detail: { channel: 'beta' },
    });
  });

  it('of a key says what readers must know of it', () => {
    const revoked: QueuedLeaf = {
      type: 'key.revoke',
      ns: release.ns,
      keyid,
      reason: 'compromised',
      fromIndex: 4,
      by: [keyid],
      event: 'b'.repeat(64),
      recovery: true,
    };
    expect(eventOf(revoked)).toEqual({
      topic: 'key.revoked',
      detail: { keyid, reason: 'compromised', fromIndex: 4, recovery: true },
    });
  });
});
