import { generateSigningKey, witnessVerifierOf } from '@sheaf/bundle';
import { expect, test } from 'vitest';
import { StartError } from '../start-error.js';
import { parseWitnessEndpoints } from './witness-endpoints.js';

const vkeyOf = (name: string) => witnessVerifierOf(name, generateSigningKey().publicKey.raw).text;
const [a, b] = [vkeyOf('a'), vkeyOf('b,c')];

test('reads lines and commas', () => {
  const read = (text: string) => parseWitnessEndpoints(text).map(({ url, verifier }) => [url, verifier.text]);
  const both = [
    ['https://a.example/w', a],
    ['http://127.0.0.1:7434', b],
  ];
  expect(read(`https://a.example/w/ ${a}\nhttp://127.0.0.1:7434 ${b}\n`)).toEqual(both);
  expect(read(`https://a.example/w ${a}, http://127.0.0.1:7434/ ${b},`)).toEqual(both);
  expect(read(' \n')).toEqual([]);
});

test.each([
  ['an address alone', 'https://a.example'],
  ['a key alone', a],
  ['something more', `https://a.example ${a} ${b}`],
  ['another protocol', `ftp://a.example ${a}`],
  ['a user', `https://me@a.example ${a}`],
  ['a query', `https://a.example?x=1 ${a}`],
  ['a key that is none', 'https://a.example a+b+c'],
  ['one key twice', `https://a.example ${a}\nhttps://b.example ${a}`],
  ['more than 16', Array.from({ length: 17 }, (_, i) => `https://a.example ${vkeyOf(`w${i}`)}`).join('\n')],
])('refuses %s', (_, text) => {
  expect(() => parseWitnessEndpoints(text)).toThrow(StartError);
});
