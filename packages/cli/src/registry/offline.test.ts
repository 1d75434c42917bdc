import { ClientError } from '@sheaf/client';
import { parseVersion, parseWorkflowId } from '@sheaf/workflow';
import { expect, it } from 'vitest';
import { explainOfflineLocked } from './offline.js';

const lost = new ClientError('network.unreachable', 'offline', { hint: 'try again' });

it('names the command that was typed when the cache has all that is locked', () => {
  const { code, evidence, hint } = explainOfflineLocked(lost, [], 'run deploy');
  expect(code).toBe('network.unreachable');
  expect(evidence).toEqual(['the cache has all that is locked for it']);
  expect(hint).toEqual(['try again', 'to use that, with freshness not checked: sheaf run deploy --offline']);
});

it('does not send anybody to the cache for what it lacks', () => {
  const entry = { id: parseWorkflowId('acme/deploy'), version: parseVersion('1.0.0') };
  const { evidence, hint } = explainOfflineLocked(lost, [entry, entry], 'run deploy');
  expect(evidence).toEqual(['acme/deploy 1.0.0 is locked, and not in the cache, nor is what it depends on']);
  expect(hint.join()).not.toContain('--offline');
});
