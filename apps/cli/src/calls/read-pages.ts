const PAGE_SIZE = 200;

/** Reads pages until there are no more, or until there are as many rows as wanted. */
export async function readPages<T>(limit: number, page: (part: { readonly pageSize: number; readonly pageToken: string }) => Promise<{ readonly rows: readonly T[]; readonly nextPageToken: string }>): Promise<{ readonly rows: readonly T[]; readonly more: boolean }> {
  const rows: T[] = [];
  let pageToken = '';
  do {
    const found = await page({ pageSize: Math.min(PAGE_SIZE, limit - rows.length), pageToken });
    rows.push(...found.rows);
    pageToken = found.nextPageToken;
  } while (pageToken !== '' && rows.length < limit);
  return { rows, more: pageToken !== '' };
}

/** All that a list holds is shown up to here. */
export const ALL = 10_000;
