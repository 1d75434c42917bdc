import { expect, test } from 'vitest';
import { assertMeant, isBoundTo } from './sign-in-place.js';

const URL_ = 'https://wf.example.com';
const issuer = 'https://id.example.com';

function uiOf(answer?: boolean) {
  return {
    ui: {
      canAsk: answer !== undefined,
      say: () => undefined,
      confirm: () => Promise.resolve(answer === true),
    },
  };
}

test('a sign-in is for a registry when what it is for is named after it', () => {
  for (const resource of ['urn:sheaf:wf.example.com', URL_, `${URL_}/`, `${URL_}/api`])
    expect(isBoundTo(URL_, { resource })).toBe(true);
  for (const resource of [
    undefined,
    'urn:sheaf:registry',
    'urn:sheaf:good.example',
    'https://good.example',
    'https://wf.example.com.good.example',
    'https://wf.example.com@good.example',
    'http://wf.example.com',
    'null',
  ])
    expect(isBoundTo(URL_, { resource })).toBe(false);
});

test('for anything else somebody has to agree, at the terminal or beforehand and to the very name', async () => {
  const place = { issuer, clientId: 'cli', resource: 'urn:sheaf:good.example' };
  const refused = { code: 'auth.sign_in_refused' };
  await expect(assertMeant(uiOf(), URL_, place, undefined)).rejects.toMatchObject(refused);
  await expect(assertMeant(uiOf(false), URL_, place, undefined)).rejects.toMatchObject(refused);
  await expect(assertMeant(uiOf(true), URL_, place, 'urn:other')).rejects.toMatchObject(refused);
  await assertMeant(uiOf(true), URL_, place, undefined);
  await assertMeant(uiOf(), URL_, place, 'urn:sheaf:good.example');
  await assertMeant(uiOf(), URL_, { issuer, clientId: 'cli' }, issuer);
  await expect(assertMeant(uiOf(), URL_, { issuer, clientId: 'cli' }, undefined)).rejects.toMatchObject(
    refused,
  );
});
