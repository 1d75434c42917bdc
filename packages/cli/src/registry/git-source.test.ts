import { describe, expect, it } from 'vitest';
import { publicRemote } from './git-source.js';

describe('publicRemote', () => {
  it.each([
    ['https://example.com/acme/x.git', 'git+https://example.com/acme/x.git'],
    ['https://user:token@example.com:8443/acme/x.git?a=b#c', 'git+https://example.com:8443/acme/x.git'],
    ['ssh://git@example.com/acme/x', 'git+ssh://example.com/acme/x'],
    ['git@example.com:acme/x.git', 'git+ssh://example.com/acme/x.git'],
  ])('publishes %s without anything secret', (remote, uri) => {
    expect(publicRemote(remote)).toBe(uri);
  });

  it.each(['/home/ana/x', '../x', 'file:///home/ana/x', 'C:\\repos\\x', 'ext::sh -c id', ''])(
    'says nothing of %j',
    (remote) => {
      expect(publicRemote(remote)).toBeUndefined();
    },
  );
});
