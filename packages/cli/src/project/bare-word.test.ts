import { ClientError } from '@sheaf/client';
import { describe, expect, it } from 'vitest';
import { explainBareWord } from './bare-word.js';
import { newProject, withText } from './open-project.js';

const error = new ClientError('reference.invalid', 'no');
const project = withText(newProject({ cwd: '/p' }), '[workflows]\nhello = "me/flow"\n');

describe('a word that is no reference', () => {
  it('is compared with the short names of the project', () => {
    expect(explainBareWord(error, 'hallo', project)).toMatchObject({
      code: 'reference.invalid',
      hint: ['did you mean hello', 'sheaf.toml names hello'],
    });
  });

  it('says that there is no project, and leaves what was meant as a reference alone', () => {
    expect(explainBareWord(error, 'hi', undefined).hint).toEqual([
      expect.stringContaining('there is no sheaf.toml here'),
    ]);
    expect(explainBareWord(error, 'acme/x@', project)).toBe(error);
  });
});
