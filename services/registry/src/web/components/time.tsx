const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** A day as people read it. Absolute, as pages are held for a while. `iso`: RFC 3339 in UTC. */
export function Time({ iso }: { iso: string }) {
  const [year = '', month = '', day = ''] = iso.slice(0, 10).split('-');
  return (
    <time datetime={iso} title={`${iso.slice(0, 16).replace('T', ' ')} UTC`}>
      {`${Number(day)} ${MONTHS[Number(month) - 1] ?? month} ${year}`}
    </time>
  );
}
