import { expect, it } from 'vitest';
import { unknownVerb } from './unknown-verb.js';

it.each(['-v', '-V'])('takes %s for a question about the version', (word) => {
  expect(unknownVerb(word).hint).toEqual(['did you mean sheaf --version']);
});

it('says where another flag stands', () => {
  expect(unknownVerb('--registry')).toMatchObject({
    code: 'usage.unknown_flag',
    hint: ['sheaf VERB --registry'],
  });
});
