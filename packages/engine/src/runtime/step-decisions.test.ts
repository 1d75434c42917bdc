import { describe, expect, it } from 'vitest';
import type { JournalEvent } from '../core/events.js';
import { createRedactor } from '../redaction/redactor.js';
import { decisionsOf } from './step-decisions.js';

describe('decisions about an attempt', () => {
  it('are journaled once each, without secrets, and not without end', () => {
    const noted: JournalEvent[] = [];
    const decide = decisionsOf(createRedactor(['open-sesame']), { step: 'a', attempt: 2 }, (event) => {
      noted.push(event);
    });
    const reach = (value: string): void => {
      decide({ subject: 'network', result: 'allowed', value, by: 'workflow' });
    };
    reach('open-sesame.example.com');
    reach('open-sesame.example.com');
    expect(noted).toEqual([
      {
        type: 'policy.decided',
        step: 'a',
        attempt: 2,
        subject: 'network',
        result: 'allowed',
        value: '***.example.com',
        by: 'workflow',
      },
    ]);
    for (let host = 0; host < 500; host += 1) reach(`h${host}`);
    reach('\u001b[2J');
    expect(noted).toHaveLength(64);
  });

  it('cannot steer a terminal', () => {
    const noted: JournalEvent[] = [];
    decisionsOf(createRedactor([]), { step: 'a', attempt: 1 }, (event) => {
      noted.push(event);
    })({ subject: 'write', result: 'refused', value: 'a\u001b[2J\nb', by: 'workflow' });
    expect(JSON.stringify(noted)).not.toMatch(/\\u001b|\\n"/);
  });
});
