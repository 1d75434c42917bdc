import { describe, expect, it } from 'vitest';
import { CliError } from '../frame/errors.js';
import { collectObstacles } from './publish-obstacles.js';

const fail = (code: string) => () =>
  Promise.reject(new CliError(code, `about ${code}`, { evidence: ['one', 'two'], hint: 'do it' }));

function thrown(work: () => void): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe('collectObstacles', () => {
  it('tells all reasons at once', async () => {
    const obstacles = collectObstacles(4);
    expect(await obstacles.attempt('acme/a 1.0.0', () => Promise.resolve(1))).toBe(1);
    await obstacles.attempt('acme/b 1.0.0', fail('version.exists'));
    await obstacles.attempt('acme/c 1.0.0', fail('publish.dirty'));
    expect(thrown(obstacles.assertNone)).toMatchObject({
      code: 'publish.refused',
      message: '0 of 4 published: 2 of them would be refused',
      evidence: [
        'acme/b 1.0.0  version.exists: about version.exists',
        '  one',
        '  two',
        'acme/c 1.0.0  publish.dirty: about publish.dirty',
        '  one',
        '  two',
      ],
      hint: ['do it'],
    });
  });

  it('keeps the code when it is one alone, so that scripts know it', async () => {
    const obstacles = collectObstacles(2);
    await obstacles.attempt('acme/b 1.0.0', fail('version.exists'));
    expect(thrown(obstacles.assertNone)).toMatchObject({ code: 'version.exists' });
  });

  it('says nothing when nothing stands in the way, and stops at what is wrong for all', async () => {
    const obstacles = collectObstacles(2);
    expect(thrown(obstacles.assertNone)).toBeUndefined();
    await expect(obstacles.attempt('x', fail('network.refused'))).rejects.toMatchObject({
      code: 'network.refused',
    });
    await expect(obstacles.attempt('x', fail('cancelled'))).rejects.toMatchObject({ code: 'cancelled' });
  });
});
