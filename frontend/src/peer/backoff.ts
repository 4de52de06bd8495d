/** Bounds of the wait before a new connection is tried, in milliseconds. */
export interface BackoffBounds {
  /** The upper bound of the first wait. */
  firstMs: number;
  /** The upper bound of any wait. */
  maxMs: number;
}

/**
 * Full-jitter back-off: the wait is drawn evenly between nothing and a bound that doubles with each failure, so
 * that many clients cut off together do not come back together.
 *
 * @param failures how many tries have failed in a row, 1 for the first.
 * @param random a number in [0, 1), handed in so that tests can turn it.
 */
export function backoffMs(
  failures: number,
  random: () => number,
  { firstMs, maxMs }: BackoffBounds = { firstMs: 500, maxMs: 30_000 },
): number {
  const bound = Math.min(maxMs, firstMs * 2 ** Math.min(Math.max(failures, 1) - 1, 30));
  return Math.round(random() * bound);
}
