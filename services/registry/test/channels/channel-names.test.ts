import { parseReference } from '@sheaf/client';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseChannelName } from '../../src/domain/channels/name.js';

describe('the name of a channel', () => {
  it.each(['latest', 'beta', 'x-1', 'stable-2', 'a', 'vnext', 'lts'])('may be %s', (name) => {
    expect(parseChannelName(name)).toBe(name);
  });

  it('is one that readers of references take for a channel', () => {
    const name = fc.stringMatching(/^[a-z0-9.*^~<>=x-]{1,20}$/).filter((text) => {
      try {
        return parseChannelName(text) === text;
      } catch {
        return false;
      }
    });
    const tricky = fc.oneof(
      name,
      fc.constantFrom('x', 'v1', 'v10', 'v1-beta', 'x-x', 'v', 'vx', 'latest').filter((text) => {
        try {
          return parseChannelName(text) === text;
        } catch {
          return false;
        }
      }),
    );
    fc.assert(
      fc.property(tricky, (text) => {
        expect(parseReference(`acme/deploy@${text}`).selector).toEqual({ kind: 'channel', channel: text });
      }),
    );
  });
});
