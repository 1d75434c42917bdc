import { describe, expect, it } from 'vitest';
import { encodeMultipart } from './multipart.js';

describe('encodeMultipart', () => {
  it('frames the parts in order, their bytes untouched', () => {
    const binary = Uint8Array.from({ length: 256 }, (_, i) => i);
    const { contentType, body } = encodeMultipart(
      [
        { name: 'envelope', fileName: 'e.json', contentType: 'application/json', bytes: Buffer.from('{}') },
        { name: 'bundle', fileName: 'b.tar.gz', contentType: 'application/gzip', bytes: binary },
      ],
      'boundary-1',
    );
    expect(contentType).toBe('multipart/form-data; boundary=boundary-1');
    expect(Buffer.from(body).toString('latin1')).toBe(
      [
        '--boundary-1',
        'Content-Disposition: form-data; name="envelope"; filename="e.json"',
        'Content-Type: application/json',
        '',
        '{}',
        '--boundary-1',
        'Content-Disposition: form-data; name="bundle"; filename="b.tar.gz"',
        'Content-Type: application/gzip',
        '',
        Buffer.from(binary).toString('latin1'),
        '--boundary-1--',
        '',
      ].join('\r\n'),
    );
  });
});
