/** Every bound of the API towards its clients, by name. */
export const limits = {
  /** Rows of one answer. */
  rows: 10_000,
  defaultRows: 250,
  /** Rows that are made or written between two turns of the event loop, … */
  sliceRows: 2_000,
  /** … and how long that may take (ms); looked at every `sliceCheck` rows. */
  sliceMs: 5,
  sliceCheck: 64,
  /** Rows counted for facets, and values shown of each. */
  facetRows: 1_000_000,
  facetValues: 100,
  /** Verdicts made between two turns. */
  verdictSlice: 200,
  /** Series of each metric per prefix. */
  prefixSeries: 1_000,
  /** Expected routes that a look-up of a word goes through. */
  lookupRoutes: 20_000,
  /** Cells of `/prefixes/{prefix}`, results of `/lookup`, entries of each list beside the expectations. */
  cells: 10_000,
  lookupResults: 50,
  notes: 1_000,
  /** Remembered answers of a filter, per attribute set and per NLRI. */
  filterCache: 65_536,
  /** Requests of one address in a minute. */
  requestsPerMinute: 6_000,
  bodyBytes: 64 * 1024,
  urlBytes: 8 * 1024,
  /** ms */
  requestTimeout: 30_000,
} as const;
