import { describe, expect, it } from 'vitest';
import { encodeUtf8 } from '../encoding/bytes.js';
import { codeOf } from '../testing/codes.js';
import { createWorld } from '../testing/world.js';
import { encodeReceipt, parseReceipt } from './receipt.js';

const { receipt } = await createWorld();
const text = new TextDecoder().decode(encodeReceipt(receipt));

describe('receipts', () => {
  it('survive a round trip', () => {
    expect(parseReceipt(encodeReceipt(receipt))).toEqual(receipt);
  });

  it.each([
    ['another version', text.replace('"v":1', '"v":2')],
    ['an unknown member', text.replace('{"authority"', '{"a":1,"authority"')],
    ['an unknown member of a leaf', text.replace('"publish":{', '"publish":{"a":1,')],
    ['a hash of another length', text.replace(/"proof":\["/, '"proof":["AAAA","')],
    ['too many hashes', text.replace(/"proof":\[/, `"proof":[${'"",'.repeat(60)}`)],
    ['a leaf that is too long', text.replace(/"publish":\{"index":2,"leaf":"/, `$&${'AAAA'.repeat(2000)}`)],
    ['a negative index', text.replace('"index":2', '"index":-2')],
    ['a checkpoint that is not a string', text.replace(/"checkpoint":"(?:[^"\\]|\\.)*"/, '"checkpoint":1')],
    ['no envelope', text.replace('"envelope"', '"envelop"')],
    ['more than 256 KiB', `${text}${' '.repeat(256 << 10)}`],
  ])('are refused with %s', (_, json) => {
    expect(json).not.toBe(text);
    expect(codeOf(() => parseReceipt(encodeUtf8(json)))).toBe('receipt.invalid');
  });

  it('are refused with an envelope that is not one', () => {
    expect(codeOf(() => parseReceipt(encodeUtf8(text.replace('"payloadType"', '"payloadKind"'))))).toBe(
      'envelope.invalid',
    );
  });
});
