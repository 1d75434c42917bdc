import { ClientError } from '@sheaf/client';
import { describe, expect, it } from 'vitest';
import { explainBareWord, explainLocal } from './bare-word.js';
import { newProject, withText } from './open-project.js';

const error = new ClientError('reference.invalid', 'no');
const project = withText(newProject({ cwd: '/p' }), '[workflows]\nhello = "me/flow"\n');

describe('a word that is no reference', () => {
  it('is compared with the short names of the project', () => {
    expect(explainBareWord(error, 'hallo', project)).toMatchObject({
      code: 'reference.invalid',
      hint: ['did you mean hello', 'sheaf.toml names hello', 'what is published: sheaf search hallo'],
    });
  });

  it('is told apart from a short name that the verb does not take', () => {
    expect(explainBareWord(error, 'hello', project)).toMatchObject({
      message: 'hello is a short name of sheaf.toml, and this takes namespace/name',
      hint: ['it stands for me/flow'],
    });
  });

  it('is told apart from what lies here, which other verbs take', () => {
    expect(explainLocal('my flow', 'folder', error)).toMatchObject({
      code: 'reference.invalid',
      message: 'my flow is a folder here, and this takes a published workflow, namespace/name',
      hint: [
        "what lies here: sheaf info './my flow'",
        "how it differs from what is published: sheaf diff './my flow'",
      ],
    });
    expect(explainLocal('/x/a.sheaf', 'file', error).hint[0]).toBe('what lies here: sheaf info /x/a.sheaf');
  });

  it('says that there is no project, and leaves what was meant as a reference alone', () => {
    expect(explainBareWord(error, 'hi', undefined).hint).toEqual([
      expect.stringContaining('there is no sheaf.toml here'),
      'what is published: sheaf search hi',
    ]);
    expect(explainBareWord(error, 'acme/x@', project)).toBe(error);
  });
});
