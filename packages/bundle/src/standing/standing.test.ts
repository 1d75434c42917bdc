import { describe, expect, it } from 'vitest';
import { encodeUtf8 } from '../encoding/bytes.js';
import { codeOf } from '../testing/codes.js';
import { createWorldLog } from '../testing/world-log.js';
import { LOG_VERIFIER, ORIGIN, PUBLISHER } from '../testing/world.js';
import { checkInclusion, checkReceiptCheckpoint } from '../verify.js';
import { encodeStanding, parseStanding } from './standing.js';

const log = createWorldLog();
log.append({ type: 'ns.create' });
log.addKey(PUBLISHER);
log.setPolicy(1, [PUBLISHER]);
log.revokeKey(PUBLISHER, [PUBLISHER], 2);
const standing = await log.standing([2, 3]);
const text = new TextDecoder().decode(encodeStanding(standing));

describe('standings', () => {
  it('survive a round trip, also without events, and prove their leaves', async () => {
    const read = parseStanding(encodeStanding(standing));
    expect(read).toEqual(standing);
    const checkpoint = checkReceiptCheckpoint(read, LOG_VERIFIER, ORIGIN);
    for (const event of read.events) checkInclusion(event, checkpoint);
    const empty = await log.standing([]);
    expect(parseStanding(encodeStanding(empty))).toEqual(empty);
  });

  it.each([
    ['another version', text.replace('"v":1', '"v":2')],
    ['an unknown member', text.replace('{', '{"a":1,')],
    ['events that do not ascend', text.replace('"index":3', '"index":1')],
    ['an index twice', text.replace('"index":3', '"index":2')],
    ['a negative index', text.replace('"index":2', '"index":-2')],
    ['a hash of another length', text.replace('"proof":["', '"proof":["AAAA","')],
    ['no checkpoint', text.replace('"checkpoint"', '"checkpint"')],
    ['more than 1 MiB', `${text}${' '.repeat(1 << 20)}`],
    ['too many events', text.replace('"events":[', `"events":[${'{},'.repeat(1024)}`)],
  ])('are refused with %s', (_, json) => {
    expect(json).not.toBe(text);
    expect(codeOf(() => parseStanding(encodeUtf8(json)))).toBe('standing.invalid');
  });

  it('cannot be encoded out of order', () => {
    const events = [...standing.events].reverse();
    expect(codeOf(() => encodeStanding({ ...standing, events }))).toBe('standing.invalid');
  });
});
