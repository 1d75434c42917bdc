import { ClientError } from '@sheaf/client';
import { describe, expect, it } from 'vitest';
import type { CliError } from '../frame/errors.js';
import { explainChoice } from './choices.js';

const TOPIC = { flag: 'topic', pointer: /^\/topics\/(\d+)$/ };

function refused(pointer: string, detail: string): ClientError {
  const errors = [{ pointer, code: 'field.invalid', detail }];
  const title = 'The request is malformed';
  return new ClientError('request.invalid', detail, {
    problem: { type: 'x', title, status: 400, detail, code: 'request.invalid', requestId: 'r1', errors },
  });
}

describe('explainChoice', () => {
  it('names the value that is wrong, lists the others, and suggests the near one', () => {
    const error = refused('/topics/1', 'must be one of release.yanked, key.revoked');
    const explained = explainChoice(error, { ...TOPIC, given: ['key.revoked', 'release.yankd'] });
    expect(explained).toMatchObject({
      code: 'usage.invalid_value',
      message: '--topic "release.yankd" is unknown',
      evidence: ['release.yanked key.revoked'],
      hint: ['did you mean --topic release.yanked'],
      data: { choices: ['release.yanked', 'key.revoked'] },
    });
  });

  it('keeps a long list within 76 columns, and what the registry wrote in it harmless', () => {
    const names = Array.from({ length: 30 }, (_, i) => `area.action_${i}`);
    const error = refused('/topics/0', `topics/0 must be one of ${[...names, 'a\u001b[2Jb'].join(', ')}`);
    const { evidence } = explainChoice(error, { ...TOPIC, given: ['zzz'] }) as CliError;
    expect(Math.max(...evidence.map((line) => line.length))).toBeLessThanOrEqual(76);
    expect(evidence.join(' ').split(' ')).toEqual([...names, expect.stringMatching(/^a[^\p{Cc}]+b$/u)]);
  });

  it('leaves every other error as it is', () => {
    for (const error of [
      refused('/url', 'must be one of a, b'),
      refused('/topics/0', 'must match a pattern'),
      new ClientError('network.timeout', 'must be one of a'),
      'thrown',
    ])
      expect(explainChoice(error, { ...TOPIC, given: ['zzz'] })).toBe(error);
  });
});
