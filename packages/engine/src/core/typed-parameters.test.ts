import { createPlan, readDefinition } from '@sheaf/workflow';
import { describe, expect, it } from 'vitest';
import { decide } from './decide.js';

const DEFINITION = `id = "acme/half"
version = "1.0.0"
[parameters.whole]
type = "integer"
[parameters.number]
type = "number"
[parameters.other]
type = "number"
[parameters.token]
type = "secret"
[steps.a]
run = "env"
env.HALF = "\${{ params.number / params.other }}"
env.TWICE = "\${{ params.whole / 2 }}"
env.TOKEN = "\${{ params.token }}"
`;

describe('parameters of a plan that was written as JSON and read again', () => {
  it('are in expressions what they are declared as', () => {
    const { definition } = readDefinition({ text: DEFINITION, file: 'workflow.toml' });
    if (definition === undefined) throw new Error('the definition is not valid');
    const values = { whole: 3, number: 3, other: 2, token: 'NAME' };
    const plan = JSON.parse(JSON.stringify(createPlan(definition, values))) as ReturnType<typeof createPlan>;
    const [command] = decide(plan, 'run', [
      {
        type: 'run.started',
        plan,
        planDigest: '',
        source: { kind: 'local', path: '/' },
        cwd: '/',
        maxParallel: 1,
        isolation: { profile: 'permissive', sandbox: 'none' },
      },
    ]);
    expect(command).toMatchObject({
      type: 'start',
      env: { HALF: '1.5', TWICE: '1', TOKEN: [{ secret: 'NAME' }] },
    });
  });
});
