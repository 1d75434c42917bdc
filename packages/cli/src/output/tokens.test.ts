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
    expect(describeTokens(tokens, { columns: 100, nowMs: NOW })).toBe(
      'aaaaaaaaaaaaaaaa  laptop  *                       used 38 seconds ago  never expires\n' +
        'bbbbbbbbbbbbbbbb  ci      publish:acme yank:acme  never used           expired 2026-11-21',
    );
  });

  it('gives programs whole times between tabs', () => {
    const token = { id: 'a', name: 'ci', scopes: [], createdAt: CREATED, expiresAt: CREATED };
    expect(describeTokens([token], { columns: undefined, nowMs: NOW })).toBe(`a\tci\t-\t\t${CREATED}`);
  });

  it('makes names harmless', () => {
    const token = { id: 'aaaaaaaaaaaaaaaa', name: 'a\u001b[2J', scopes: [], createdAt: CREATED };
    expect(describeTokens([token], { columns: 100, nowMs: NOW })).not.toMatch(/\p{Cc}/u);
  });
});
