import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { findNameProblem, parseVersion, parseWorkflowId, splitWorkflowId, WorkflowError } from './index.js';

function codeOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof WorkflowError) return error.code;
    throw error;
  }
  return 'none';
}

describe('names', () => {
  it.each(['acme/release-notes', 'a/b', `${'a'.repeat(64)}/0`])('accepts the workflow id %s', (id) => {
    expect(splitWorkflowId(parseWorkflowId(id))).toEqual({
      namespace: id.split('/')[0],
      name: id.split('/')[1],
    });
  });

  it.each([
    '',
    'acme',
    'acme/',
    '/x',
    'a/b/c',
    'A/b',
    '-a/b',
    'a-/b',
    'a/b\n',
    `${'a'.repeat(65)}/b`,
    'а/b',
    '__proto__/x',
  ])('refuses the workflow id %j', (id) => {
    expect(codeOf(() => parseWorkflowId(id))).toBe('name.invalid');
  });

  it.each(['1.0.0', '0.0.0-rc.1', '10.20.30-a-b.0'])('accepts the version %s', (version) => {
    expect(parseVersion(version)).toBe(version);
  });

  it.each([
    '',
    '1',
    '1.0',
    'v1.0.0',
    '1.0.0+build',
    '01.0.0',
    '1.0.0-01',
    '1.0.0-',
    '1.0.0\n',
    `1.0.0-${'a'.repeat(60)}`,
    '9007199254740993.0.0',
  ])('refuses the version %j', (version) => {
    expect(codeOf(() => parseVersion(version))).toBe('version.invalid');
  });

  it('puts nothing raw from the text into a message', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
        try {
          parseWorkflowId(text);
        } catch (error) {
          expect((error as Error).message).not.toMatch(/[\p{Cc}\p{Bidi_Control}\u200b]/u);
        }
      }),
    );
  });

  it.each([
    ['admin', 'name.reserved'],
    ['con', 'name.reserved'],
    ['adm1n', 'name.confusable'],
    ['s-heaf', 'name.confusable'],
    ['xn--caf-dma', 'name.confusable'],
  ])('does not let %s be taken', (name, code) => {
    expect(findNameProblem(name)?.code).toBe(code);
  });

  it.each(['acme', 'examples', 'release-notes', 'constructor', 'me2'])('lets %s be taken', (name) => {
    expect(findNameProblem(name)).toBeUndefined();
  });
});
