/** All rows of a list, page after page. */
import type { Page } from '../../src/api/schemas.ts';
import type { Product, Query } from '../support/product.ts';

export async function* rows<T>(product: Product, path: string, query: Query): AsyncGenerator<T> {
  let cursor: string | null = null;
  do {
    const position: Query = cursor === null ? {} : { cursor };
    const { data, page }: Page<T> = await product.get<Page<T>>(path, { ...query, ...position });
    yield* data;
    cursor = page.nextCursor;
  } while (cursor !== null);
}
