import { describe, expect, it } from 'vitest';
import { parseToken } from './credentials.js';

describe('parseToken', () => {
  it('takes one line and drops the white space around it', () => {
    expect(parseToken(' shf_ab_cd\n', 'stdin')).toBe('shf_ab_cd');
  });

  it.each(['', 'a b', 'a\nb', 'tök', 'x'.repeat(8193)])(
    'refuses what could not be sent in a header',
    (text) => {
      expect(() => parseToken(text, 'stdin')).toThrow(
        expect.objectContaining({ code: 'auth.token_invalid' }) as Error,
      );
    },
  );
});
