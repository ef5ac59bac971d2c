import { contentHash } from './content-hash.js';

/** Items in an order that their content alone decides: the first of them are a sample that is the same every time. */
export function contentOrder<T>(items: readonly T[], contentOf: (item: T) => string): T[] {
  return items
    .map((item) => ({ item, order: contentHash(`order ${contentOf(item)}`) }))
    .sort((a, b) => (a.order < b.order ? -1 : 1))
    .map(({ item }) => item);
}
