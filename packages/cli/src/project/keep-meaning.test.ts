import { describe, expect, it } from 'vitest';
import { keepMeaning } from './keep-meaning.js';
import { newProject, withText } from './open-project.js';

const ONE = 'https://one.example';
const added = { name: 'two', url: 'https://two.example' };

const keep = (text: string, own: readonly { name: string; url: string }[], meant = ONE) =>
  keepMeaning({ project: withText(newProject({ cwd: '/p' }), text), added, except: 'new', own }, () =>
    Promise.resolve({ url: meant }),
  );

describe('another line of [registries]', () => {
  it('leaves every other name where it was, under the name of its registry', async () => {
    const text =
      '[workflows]\nhello = "me/flow@^0.1" # ours\nq = "far:me/x"\nnew = "me/y"\n[registries]\nfar = "https://far.example"\n';
    const { text: kept, changed } = await keep(text, [{ name: 'one', url: ONE }]);
    expect(kept).toBe(
      `[workflows]\nhello = "one:me/flow@^0.1" # ours\nq = "far:me/x"\nnew = "me/y"\n[registries]\nfar = "https://far.example"\none = "${ONE}"\n`,
    );
    expect(changed).toEqual(['hello = one:me/flow@^0.1']);
  });

  it('takes the name that the project has, and none that means another registry', async () => {
    const text = `[workflows]\nhello = "me/flow"\n[registries]\nfirst = "${ONE}"\n`;
    expect((await keep(text, [{ name: 'one', url: ONE }])).changed).toEqual(['hello = first:me/flow']);
    const own = [
      { name: 'two', url: ONE },
      { name: 'far', url: ONE },
    ];
    expect((await keep('workflows.hello = "me/flow"\n', own)).changed).toEqual(['hello = far:me/flow']);
  });

  it('is refused where a name means a registry that has none', async () => {
    const kept = keep('[workflows]\nhello = "me/flow"\n', [{ name: 'two', url: ONE }]);
    await expect(kept).rejects.toMatchObject({
      code: 'project.registry_unnamed',
      hint: [expect.stringContaining(`sheaf registry add NAME ${ONE}`)],
    });
  });

  it('changes nothing where it is the registry that all mean anyway', async () => {
    const text = '[workflows]\nhello = "me/flow"\n';
    expect(await keep(text, [], added.url)).toEqual({ text, changed: [] });
  });
});
