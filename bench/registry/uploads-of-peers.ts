import { createHash, randomBytes } from 'node:crypto';
import { findField } from '../lib/http-connection.js';
import type { Operation } from '../lib/load.js';

/** What npm sends to publish a package of that many bytes: one JSON document with the archive in Base64. */
export function npmPublish(token: string, name: string, version: string, archiveBytes: number): Operation {
  const archive = randomBytes(archiveBytes);
  const file = `${name}-${version}.tgz`;
  const manifest = {
    name,
    version,
    description: 'Writes release notes from the commits since a tag',
    keywords: ['release', 'git'],
    license: 'MIT',
    readme: '# Release notes\n\nCollects what was merged since a tag and writes it down, grouped by label.\n',
    _id: `${name}@${version}`,
    dist: {
      shasum: createHash('sha1').update(archive).digest('hex'),
      integrity: `sha512-${createHash('sha512').update(archive).digest('base64')}`,
      tarball: `http://127.0.0.1/${name}/-/${file}`,
    },
  };
  const body = Buffer.from(
    JSON.stringify({
      _id: name,
      name,
      description: manifest.description,
      'dist-tags': { latest: version },
      versions: { [version]: manifest },
      access: null,
      _attachments: {
        [file]: {
          content_type: 'application/octet-stream',
          data: archive.toString('base64'),
          length: archive.length,
        },
      },
    }),
  );
  const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' };
  return async (connection) => {
    const { status, body: answer } = await connection.send({
      method: 'PUT',
      path: `/${name}`,
      headers,
      body,
    });
    if (status !== 201) throw new Error(`status ${status}: ${answer.toString().slice(0, 200)}`);
  };
}

const MANIFEST_TYPE = 'application/vnd.docker.distribution.manifest.v2+json';

/** What a client of a container registry sends: it begins an upload, puts the blob, and puts a manifest that names it. */
export function dockerPublish(name: string, blobBytes: number): Operation {
  const blob = randomBytes(blobBytes);
  const digest = `sha256:${createHash('sha256').update(blob).digest('hex')}`;
  const described = { size: blob.length, digest };
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: MANIFEST_TYPE,
      config: { mediaType: 'application/vnd.docker.container.image.v1+json', ...described },
      layers: [{ mediaType: 'application/vnd.docker.image.rootfs.diff.tar.gzip', ...described }],
    }),
  );
  return async (connection) => {
    const begun = await connection.send({ method: 'POST', path: `/v2/${name}/blobs/uploads/` });
    const location = findField(begun.head, 'location');
    if (begun.status !== 202 || location === undefined) throw new Error(`upload: status ${begun.status}`);
    const { pathname, searchParams } = new URL(location, 'http://127.0.0.1');
    searchParams.set('digest', digest);
    const put = await connection.send({
      method: 'PUT',
      path: `${pathname}?${searchParams.toString()}`,
      headers: { 'Content-Type': 'application/octet-stream' },
      body: blob,
    });
    if (put.status !== 201) throw new Error(`blob: status ${put.status}`);
    const tagged = await connection.send({
      method: 'PUT',
      path: `/v2/${name}/manifests/1.0.0`,
      headers: { 'Content-Type': MANIFEST_TYPE },
      body: manifest,
    });
    if (tagged.status !== 201)
      throw new Error(`manifest: status ${tagged.status}: ${tagged.body.toString().slice(0, 200)}`);
  };
}
