import { describe, expect, it } from 'vitest';
import { codeOf } from '../frame/errors.js';
import { readSubject } from './subject.js';

const read = (word: string, existing: readonly string[] = []) =>
  readSubject(word, '/w', (path) => existing.includes(path));

describe('readSubject', () => {
  it.each(['.', './acme/x', '../x', '/abs/x', 'flow.toml', 'dir/workflow.yaml'])(
    'takes %s for a path',
    (word) => {
      expect(read(word)).toEqual({ kind: 'local', path: word });
    },
  );

  it('takes a word that cannot be a reference for a path when something is there', () => {
    expect(read('my-flow', ['/w/my-flow'])).toEqual({ kind: 'local', path: 'my-flow' });
  });

  it('takes namespace/name for a reference', () => {
    expect(read('acme/x@^1')).toMatchObject({ kind: 'registry', reference: { id: 'acme/x' } });
  });

  it('never lets a folder take the place of a published workflow', () => {
    let code: string | undefined;
    try {
      read('acme/x', ['/w/acme/x']);
    } catch (error) {
      code = codeOf(error);
    }
    expect(code).toBe('reference.ambiguous');
    expect(read('acme/x@1.0.0', ['/w/acme/x'])).toMatchObject({ kind: 'registry' });
  });
});
