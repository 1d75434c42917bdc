import { describe, expect, it } from 'vitest';
import { inheritedEnvironment, stepEnvironment } from './environment.js';

describe('inheritedEnvironment', () => {
  it('keeps what finds programs and speaks a language, and no secret', () => {
    const secrets = {
      SHEAF_TOKEN: 's',
      SHEAF_SIGNING_KEY: 's',
      SHEAF_KEY_PASSPHRASE: 's',
      AWS_SECRET_ACCESS_KEY: 's',
    };
    expect(
      inheritedEnvironment({ PATH: '/bin', LC_ALL: 'C', HOME: undefined, LD_PRELOAD: 'x', ...secrets }),
    ).toEqual({
      PATH: '/bin',
      LC_ALL: 'C',
    });
  });
});

describe('stepEnvironment', () => {
  it('puts parameters, then the step, then the engine over what is inherited', () => {
    const environment = stepEnvironment({
      inherited: { PATH: '/bin', A: 'inherited' },
      parameters: { 'since-tag': 'v1', count: 3, list: ['a'], none: null },
      env: { A: 'step', SHEAF_RUN_ID: 'forged' },
      runId: 'r1',
      step: 's',
      attempt: 2,
      cwd: '/w',
    });
    expect(environment).toEqual({
      PATH: '/bin',
      A: 'step',
      PARAM_SINCE_TAG: 'v1',
      PARAM_COUNT: '3',
      PARAM_LIST: '["a"]',
      PARAM_NONE: '',
      SHEAF_RUN_ID: 'r1',
      SHEAF_STEP: 's',
      SHEAF_ATTEMPT: '2',
      SHEAF_WORKSPACE: '/w',
    });
  });
});
