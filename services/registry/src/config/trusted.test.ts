import { describe, expect, it } from 'vitest';
import { matchesPattern } from '../domain/trusted/pattern.js';
import { parseTrustedConfig } from './trusted.js';

const parse = (text: string) => parseTrustedConfig({ SHEAF_TRUSTED_ISSUERS: text }).issuers;

describe('SHEAF_TRUSTED_ISSUERS', () => {
  it('names nobody unless it is set', () => {
    expect(parseTrustedConfig({}).issuers).toEqual([]);
    expect(parse('\n  # nobody yet\n')).toEqual([]);
  });

  it('takes short names, urls, kinds and audiences, a line each', () => {
    const issuers = parse('github\ngitlab\nhttps://gitlab.corp gitlab sheaf:wf\nhttp://127.0.0.1:4000');
    expect(issuers.map(({ issuer, kind, audience }) => [issuer, kind, audience])).toEqual([
      ['https://token.actions.githubusercontent.com', 'github', undefined],
      ['https://gitlab.com', 'gitlab', undefined],
      ['https://gitlab.corp', 'gitlab', 'sheaf:wf'],
      ['http://127.0.0.1:4000', 'generic', undefined],
    ]);
  });

  it('knows the kind of the public services, at the issuers of enterprises too', () => {
    const urls = [
      'https://token.actions.githubusercontent.com',
      'https://token.actions.githubusercontent.com/acme',
      'https://token.actions.acme.ghe.com',
      'https://gitlab.com',
    ];
    const kinds = ['github', 'github', 'github', 'gitlab'];
    expect(parse(urls.join('\n')).map(({ kind }) => kind)).toEqual(kinds);
    expect(parse(JSON.stringify(urls.map((issuer) => ({ issuer })))).map(({ kind }) => kind)).toEqual(kinds);
  });

  it('takes json, which says which claims name a job for good', () => {
    const [issuer] = parse('[{"issuer":"https://ci.corp","kind":"generic","identity":["tenant","job_id"]}]');
    expect(issuer).toMatchObject({ issuer: 'https://ci.corp', identity: ['tenant', 'job_id'] });
  });

  it.each([
    ['plain http', 'http://ci.corp'],
    ['no url', 'ci.corp'],
    ['a kind that is not known', 'https://ci.corp jenkins'],
    ['too many words', 'https://ci.corp generic aud more'],
    ['an issuer twice', 'github\ngithub'],
    ['a query', 'https://ci.corp?x=1'],
    ['credentials', 'https://a:b@ci.corp'],
    ['what every object has', 'constructor'],
    ['json that is none', '[{'],
    ['a member that is not known', '[{"issuer":"https://ci.corp","jwks":"x"}]'],
    ['no list', '[1]'],
    ['an identity for github', '[{"issuer":"https://ci.corp","kind":"github","identity":["sub"]}]'],
    ['github by its subject', 'https://token.actions.githubusercontent.com generic'],
    ['gitlab by its subject', 'gitlab generic'],
    [
      'github by what is its name',
      '[{"issuer":"https://token.actions.githubusercontent.com","identity":["repository"]}]',
    ],
    ['an identity of nothing', '[{"issuer":"https://ci.corp","identity":[]}]'],
    ['too many', Array.from({ length: 65 }, (_, i) => `https://ci${i}.corp`).join('\n')],
  ])('is refused with %s', (_, text) => {
    expect(() => parse(text)).toThrow(expect.objectContaining({ code: 'usage.invalid' }) as Error);
  });
});

describe('a pattern of a claim', () => {
  it.each([
    ['refs/tags/v*', 'refs/tags/v1.0.0', true],
    ['refs/tags/v*', 'refs/heads/refs/tags/v1', false],
    ['a*b*c', 'a-b-c', true],
    ['a*b*c', 'acb', false],
    ['ab*ba', 'aba', false],
    ['*', '', true],
    ['v1.0', 'v1x0', false],
    ['', 'a', false],
  ])('%s of %s: %s', (pattern, text, fits) => {
    expect(matchesPattern(pattern, text)).toBe(fits);
  });

  it('takes time that grows with its length only', () => {
    expect(matchesPattern('a*'.repeat(120) + 'b', 'a'.repeat(256))).toBe(false);
  });
});
