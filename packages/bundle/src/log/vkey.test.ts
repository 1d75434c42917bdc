import { expect, it } from 'vitest';
import { NOTE_NAME } from './vkey.js';

it('takes for the name of a key every character but white space, controls and plus', () => {
  const byProperties = /^[^\p{White_Space}\p{Cc}+]$/u;
  const different: number[] = [];
  for (let point = 0; point <= 0x10ffff; point += 1) {
    const character = String.fromCodePoint(point);
    if (NOTE_NAME.test(character) !== byProperties.test(character)) different.push(point);
  }
  expect(different).toEqual([]);
});
