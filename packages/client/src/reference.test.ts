import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatReference, parseReference } from './reference.js';
import { thrown } from './testing/failure.js';

const DIGEST = `sha256:${'ab'.repeat(32)}`;

const nameArb = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,10}[a-z0-9])?$/);
const selectorArb = fc.oneof(
  fc.constant(''),
  fc.tuple(fc.nat(99), fc.nat(99), fc.nat(99)).map(([a, b, c]) => `@${a}.${b}.${c}`),
  fc.constantFrom('@^1.2', '@~2', '@>=1 <3', '@1.x', '@*', '@1 || 2', '@1.0.0 - 2.0.0', '@2.0.0-rc.1'),
  fc.constantFrom('@latest', '@beta', '@next-2'),
  fc.constant(`@${DIGEST}`),
);

describe('parseReference', () => {
  it('tells versions, ranges, channels and digests apart', () => {
    const kindOf = (text: string) => parseReference(text).selector;
    expect(kindOf('acme/deploy')).toEqual({ kind: 'latest' });
    expect(kindOf('acme/deploy@1.2.0')).toEqual({ kind: 'version', version: '1.2.0' });
    expect(kindOf('acme/deploy@1.2.0-rc.1')).toEqual({ kind: 'version', version: '1.2.0-rc.1' });
    expect(kindOf('acme/deploy@^1.2')).toEqual({ kind: 'range', range: '^1.2' });
    expect(kindOf('acme/deploy@1')).toEqual({ kind: 'range', range: '1' });
    expect(kindOf('acme/deploy@v1.2.0')).toEqual({ kind: 'range', range: 'v1.2.0' });
    expect(kindOf('acme/deploy@x')).toEqual({ kind: 'range', range: 'x' });
    expect(kindOf('acme/deploy@>=1.0.0 <2.0.0')).toEqual({ kind: 'range', range: '>=1.0.0 <2.0.0' });
    expect(kindOf('acme/deploy@latest')).toEqual({ kind: 'channel', channel: 'latest' });
    expect(kindOf(`acme/deploy@${DIGEST}`)).toEqual({ kind: 'digest', digest: DIGEST });
  });

  it('reads the registry that qualifies a name', () => {
    expect(parseReference(`corp:acme/deploy@${DIGEST}`)).toEqual({
      registry: 'corp',
      id: 'acme/deploy',
      selector: { kind: 'digest', digest: DIGEST },
    });
    expect(parseReference('acme/deploy')).not.toHaveProperty('registry');
  });

  it.each([
    '',
    'deploy',
    'acme/',
    '/deploy',
    'Acme/deploy',
    'acme/deploy/extra',
    'acme/deploy@',
    'acme/deploy@ ',
    'acme/deploy@ ^1',
    'acme/deploy@1.2.0@1.3.0',
    'acme/deploy@BETA',
    'acme/deploy@sha256:abc',
    `acme/deploy@${DIGEST.toUpperCase()}`,
    'acme/deploy@../../etc',
    'acme/deploy@1.2.0\n',
    'acme/deploy@be\u202eta',
    ':acme/deploy',
    'CORP:acme/deploy',
    'https://host/acme/deploy',
    'a:b:acme/deploy',
    `acme/deploy@${'1 || '.repeat(100)}1`,
    `acme/${'d'.repeat(500)}`,
  ])('refuses %j in one harmless line', async (text) => {
    const error = await thrown(() => parseReference(text), 'reference.invalid');
    expect(error.message).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expect(error.hint).toContain('namespace/name');
  });

  it('reads back what it formats', () => {
    fc.assert(
      fc.property(
        fc.option(nameArb),
        nameArb,
        nameArb,
        selectorArb,
        (registry, namespace, name, selector) => {
          const text = `${registry === null ? '' : `${registry}:`}${namespace}/${name}${selector}`;
          const reference = parseReference(text);
          expect(formatReference(reference)).toBe(text);
          expect(parseReference(formatReference(reference))).toEqual(reference);
        },
      ),
    );
  });

  it('answers any text with a reference or its one error, quickly', () => {
    const alphabet = fc.constantFrom(...Array.from('ac/:@.-^~<>=|* 019xXv\u0000\u202e'));
    fc.assert(
      fc.property(fc.string({ unit: alphabet, maxLength: 60 }), (text) => {
        try {
          expect(formatReference(parseReference(text))).toBe(text);
        } catch (error) {
          expect(error).toMatchObject({ name: 'ClientError', code: 'reference.invalid' });
        }
      }),
      { numRuns: 2000 },
    );
  });
});
