import { describe, expect, it } from 'vitest';
import { describeTokens } from './tokens.js';

const NOW = Date.parse('2026-11-21T12:00:00Z');
const CREATED = '2026-11-01T12:00:00Z';

describe('describeTokens', () => {
  it('says in columns what each may do, when it was used, and when it ends', () => {
    const tokens = [
      {
        id: 'aaaaaaaaaaaaaaaa',
        name: 'laptop',
        scopes: ['*'],
        createdAt: CREATED,
        lastUsedAt: '2026-11-21T11:59:22Z',
      },
      {
        id: 'bbbbbbbbbbbbbbbb',
        name: 'ci',
        scopes: ['publish:acme', 'yank:acme'],
        createdAt: CREATED,
        expiresAt: '2026-11-21T11:00:00Z',
      },
    ];
    expect(describeTokens(tokens, NOW)).toBe(
      'aaaaaaaaaaaaaaaa  laptop  *                       used 38 seconds ago  never ends\n' +
        'bbbbbbbbbbbbbbbb  ci      publish:acme yank:acme  never used           ended 2026-11-21',
    );
  });

  it('makes names harmless', () => {
    const token = { id: 'aaaaaaaaaaaaaaaa', name: 'a\u001b[2J', scopes: [], createdAt: CREATED };
    expect(describeTokens([token], NOW)).not.toMatch(/\p{Cc}/u);
  });
});
