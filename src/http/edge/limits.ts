/** What the API accepts at most. Times in milliseconds, sizes in bytes. */
export const limits = {
  bodyBytes: 256 * 1024,
  templateBytes: 64 * 1024,
  jsonDepth: 32,
  headers: 100,
  headerBytes: 16 * 1024,
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 30_000,
  keepAliveMs: 65_000,
  connectionCheckMs: 5_000,
  connections: 1024,
  pathParameterLetters: 100,
  queryLetters: 4096,
  longPollMs: 25_000,
  heartbeatMs: 15_000,
  pageSize: 50,
  largestPage: 250,
} as const;
