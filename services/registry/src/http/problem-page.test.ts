import { expect, test } from 'vitest';
import { renderProblemPage } from './problem-page.js';

test('nothing that a problem says is markup, or turns text around', () => {
  const evil = '<img src=x onerror="alert(1)">&\'\u202e\u0007';
  const page = renderProblemPage({
    type: 'urn:sheaf:problem:auth.sign_in_failed',
    title: evil,
    status: 400,
    detail: evil,
    code: 'auth.sign_in_failed',
    requestId: evil,
    remedy: evil,
  });
  expect(['<img', '\u202e', '\u0007'].filter((each) => page.includes(each))).toEqual([]);
  expect(page.match(/&lt;img src=x onerror=&quot;alert\(1\)&quot;&gt;&amp;&#39;\uFFFD\uFFFD/g)).toHaveLength(
    5,
  );
});
