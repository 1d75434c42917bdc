import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sharedSync } from './shared-sync.js';

/** A sync that ends when it is told to, and counts how often it began. */
function controlled() {
  const begun: { readonly folder: string; readonly end: (error?: Error) => void }[] = [];
  const sync = (folder: string) =>
    new Promise<void>((resolve, reject) => {
      const end = (error?: Error) => {
        if (error) reject(error);
        else resolve();
      };
      begun.push({ folder, end });
    });
  return { begun, sync: sharedSync(sync) };
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

describe('sharedSync', () => {
  it('begins at once for a single caller, and lets those who come meanwhile share the next one', async () => {
    const { begun, sync } = controlled();
    const first = sync('a');
    const rest = [sync('a'), sync('a'), sync('a')];
    expect(begun).toHaveLength(1);
    begun[0]?.end();
    await first;
    await settle();
    expect(begun).toHaveLength(2);
    begun[1]?.end();
    await Promise.all(rest);
    await settle();
    expect(begun).toHaveLength(2);
  });

  it('keeps folders apart', () => {
    const { begun, sync } = controlled();
    void sync('a');
    void sync('b');
    expect(begun.map(({ folder }) => folder)).toEqual(['a', 'b']);
  });

  it('tells a failure to those who shared the sync, and to nobody else', async () => {
    const { begun, sync } = controlled();
    const first = sync('a');
    const second = sync('a');
    begun[0]?.end(new Error('disk'));
    await expect(first).rejects.toThrow('disk');
    await settle();
    begun[1]?.end();
    await second;
  });

  it('answers nobody before a sync that began after the call has ended', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom('call', 'end', 'wait'), { maxLength: 40 }), async (steps) => {
        const { begun, sync } = controlled();
        let ended = 0;
        let wrong = 0;
        const calls: Promise<void>[] = [];
        const end = () => {
          if (ended < begun.length) begun[ended++]?.end();
        };
        for (const step of steps) {
          if (step === 'call') {
            const before = begun.length;
            calls.push(
              sync('a').then(() => {
                if (ended <= before) wrong += 1;
              }),
            );
          } else if (step === 'end') end();
          else await settle();
        }
        for (let i = 0; i <= steps.length; i += 1) {
          end();
          await settle();
        }
        await Promise.all(calls);
        expect(wrong).toBe(0);
      }),
      { numRuns: 60 },
    );
  });
});
