import { parseNamespace, parseWorkflowName } from '@sheaf/workflow';
import { expect, test } from 'vitest';
import { createVersionRoom } from './version-room.js';

const claim = (name: string) => ({ namespace: parseNamespace('acme'), name: parseWorkflowName(name) });

test('versions of one publish are counted with those that the workflow has, each workflow for itself', () => {
  const take = createVersionRoom(5);
  take(claim('deploy'), { versions: 3 });
  take(claim('build'), { versions: 4 });
  take(claim('deploy'), { versions: 3 });
  expect(() => {
    take(claim('deploy'), { versions: 3 });
  }).toThrow('with this, workflow acme/deploy would have 6 versions, and may have 5');
});

test('without a limit a workflow has as many versions as it likes', () => {
  expect(() => {
    createVersionRoom(undefined)(claim('deploy'), { versions: 1e9 });
  }).not.toThrow();
});
