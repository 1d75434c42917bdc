import { describe, expect, it } from 'vitest';
import { fetchWorkflows } from '../src/fetch-many.js';
import { parseReference } from '../src/reference.js';
import type { RegistryClient } from '../src/registry-client.js';
import { trusting } from '../src/testing/verifying.js';
import { setUp } from './support/fetching.js';

describe('fetchWorkflows', () => {
  it('answers in the order of the references, and fetches the others when one fails', async () => {
    const { client, cache, trust } = await setUp();
    const references = ['acme/deploy@1.0.0', 'acme/deploy@9', 'acme/deploy@1.1.0', 'acme/deploy@1.0.0'];
    const resolved: number[] = [];
    const results = await fetchWorkflows({
      client,
      cache,
      trust,
      policy: trusting(),
      references: references.map(parseReference),
      concurrency: 3,
      onEvent: (event, index) => {
        if (event.type === 'resolved') resolved.push(index);
      },
    });
    expect(results.map((result) => (result.ok ? result.fetched.workflow.version : result.error))).toEqual([
      '1.0.0',
      expect.objectContaining({ code: 'version.unresolved' }),
      '1.1.0',
      '1.0.0',
    ]);
    expect(resolved.sort()).toEqual([0, 2, 3]);
  });

  it('has no more under way at once than it was told', async () => {
    const { client, cache, trust } = await setUp();
    let open = 0;
    let most = 0;
    const counting: RegistryClient = {
      ...client,
      getWorkflow: async (...args) => {
        most = Math.max(most, ++open);
        try {
          return await client.getWorkflow(...args);
        } finally {
          open--;
        }
      },
    };
    const references = Array.from({ length: 9 }, () => parseReference('acme/deploy'));
    const request = { client: counting, cache, trust, policy: trusting(), references };
    await fetchWorkflows({ ...request, concurrency: 2 });
    expect(most).toBe(2);
    for (const concurrency of [0, 65, 1.5])
      await expect(fetchWorkflows({ ...request, concurrency })).rejects.toThrow(RangeError);
  });
});
