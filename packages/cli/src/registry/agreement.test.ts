import { describe, expect, it } from 'vitest';
import { agreeToChange } from './agreement.js';

interface Terminal {
  readonly canAsk?: boolean;
  readonly answer?: boolean;
}

async function agree(yes: boolean, { canAsk = false, answer = false }: Terminal = {}) {
  const said: string[] = [];
  const asked: string[] = [];
  const ui = {
    canAsk,
    say: (line: string) => void said.push(line),
    confirm: (question: string) => Promise.resolve(asked.push(question) > 0 && answer),
  };
  const change = { what: 'acme/deploy 1.2.0', effect: ['search hides it'], act: 'yank it', yes };
  const thrown: unknown = await agreeToChange({ ui }, change).catch((error: unknown) => error);
  return { said, asked, thrown };
}

describe('agreeToChange', () => {
  it('tells what the change means, and asks nothing where it is agreed to beforehand', async () => {
    const told = ['acme/deploy 1.2.0:', '  search hides it'];
    expect(await agree(true)).toEqual({ said: told, asked: [], thrown: undefined });
    expect(await agree(true, { canAsk: true })).toEqual({ said: told, asked: [], thrown: undefined });
  });

  it('asks on a terminal, and takes anything but yes for no', async () => {
    expect(await agree(false, { canAsk: true, answer: true })).toMatchObject({
      asked: ['Yank it?'],
      thrown: undefined,
    });
    expect((await agree(false, { canAsk: true })).thrown).toMatchObject({ code: 'approval.refused' });
  });

  it('refuses where there is nobody to ask, after having told what it is about', async () => {
    const { said, asked, thrown } = await agree(false);
    expect([said.length, asked]).toEqual([2, []]);
    expect(thrown).toMatchObject({
      code: 'approval.required',
      message: 'there is no terminal to ask on whether to yank it',
      hint: ['to agree to the above, the same command with --yes'],
    });
  });
});
