import { describe, expect, it } from 'vitest';
import { encodeMultipart } from './multipart.js';

describe('encodeMultipart', () => {
  it('frames the parts in order, their bytes untouched', async () => {
    const binary = Uint8Array.from({ length: 256 }, (_, i) => i);
    const { contentType, body } = encodeMultipart(
      [
        { name: 'envelope', fileName: 'e.json', contentType: 'application/json', bytes: Buffer.from('{}') },
        { name: 'bundle', fileName: 'b.tar.gz', contentType: 'application/gzip', bytes: binary },
      ],
      'boundary-1',
    );
    const form = await new Response(new Blob([Uint8Array.from(body)]), {
      headers: { 'content-type': contentType },
    }).formData();
    const parts = [...form.entries()] as [string, File][];
    expect(parts.map(([name, file]) => [name, file.name, file.type])).toEqual([
      ['envelope', 'e.json', 'application/json'],
      ['bundle', 'b.tar.gz', 'application/gzip'],
    ]);
    expect(new Uint8Array((await parts[1]?.[1].arrayBuffer()) ?? new ArrayBuffer(0))).toEqual(binary);
  });
});
