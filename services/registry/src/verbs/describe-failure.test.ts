import { expect, test } from 'vitest';
import { RegistryError } from '../domain/error.js';
import { describeFailure } from './describe-failure.js';

test('every refusal says what to do: as it was written for the command line, or as its code has it', () => {
  const written = new RegistryError('state.conflict', 'bo is somebody', { hint: 'use another name' });
  expect(describeFailure(written)).toBe('error[state.conflict]: bo is somebody\n  help: use another name\n');
  const plain = new RegistryError('namespace.not_found', 'there is no namespace x');
  expect(describeFailure(plain)).toMatch(
    /^error\[namespace\.not_found\]: there is no namespace x\n {2}help: \S.*\n$/,
  );
  expect(describeFailure(Object.assign(new Error('odd'), { code: 'constructor' }))).toBe(
    'error[constructor]: odd\n',
  );
});
