import { expect, test } from 'vitest';
import { DEFAULT_LIMITS_CONFIG, parseLimitsConfig } from './limits.js';

test('a workflow has ten thousand versions and a person a hundred namespaces unless something else is set', () => {
  expect(DEFAULT_LIMITS_CONFIG).toMatchObject({ workflowVersions: 10_000, userNamespaces: 100 });
  const set = { SHEAF_LIMIT_WORKFLOW_VERSIONS: 'none', SHEAF_LIMIT_USER_NAMESPACES: '1000' };
  expect(parseLimitsConfig(set)).toMatchObject({ workflowVersions: undefined, userNamespaces: 1_000 });
});

test.each(['0', '1001', 'none', '-1'])('a person may not have %s namespaces', (text) => {
  expect(() => parseLimitsConfig({ SHEAF_LIMIT_USER_NAMESPACES: text })).toThrow(
    'SHEAF_LIMIT_USER_NAMESPACES',
  );
});
