/** Every bound of the API towards its clients, by name. */
export const limits = {
  /** Rows of one answer. */
  rows: 10_000,
  defaultRows: 250,
  /** Octets of a page, which ends early there, and of the lists of another answer, which are cut. */
  answerBytes: 16 * 1024 * 1024,
  objectBytes: 4 * 1024 * 1024,
  /** Rows that are made at a time, first and later, and octets of them that are written at a time. */
  firstPiece: 8,
  pieceRows: 250,
  pieceBytes: 128 * 1024,
  /** Exports (`limit=all`) that run at once. */
  exports: 16,
  /** Answers in one piece that are made at once, and that wait. */
  largeAnswers: 2,
  largeWaiting: 256,
  /** Octets of answers that clients have not taken yet, in sum; beyond it only small answers are sent. */
  unsentBytes: 64 * 1024 * 1024,
  smallAnswer: 64 * 1024,
  /** Octets a second that a client must take. */
  minRate: 16 * 1024,
  /** Rows that are made or written between two turns of the event loop, … */
  sliceRows: 2_000,
  /** … and how long that may take (ms); looked at every `sliceCheck` rows. */
  sliceMs: 5,
  sliceCheck: 32,
  /** ms for which an ETag of a timeline holds. */
  timelineAge: 1_000,
  /** Routes that are looked at for the objects that a prefix comes from now, and objects taken from them. */
  timelineRoutes: 64,
  timelineObjects: 200,
  /** Sessions shown of a change of expectations, and objects named in its sentence. */
  timelineExamples: 20,
  timelineNames: 3,
  /** Rows counted for facets, and values shown of each. */
  facetRows: 1_000_000,
  facetValues: 100,
  /** Verdicts made between two turns. */
  verdictSlice: 200,
  /** Series of each metric per prefix. */
  prefixSeries: 1_000,
  /** Nodes with their own histograms; all others share the label `other`. */
  nodeSeries: 2_000,
  /** Expected routes that a look-up of a word goes through. */
  lookupRoutes: 20_000,
  /** Cells of `/prefixes/{prefix}`, results of `/lookup`, entries of each list beside the expectations. */
  cells: 10_000,
  lookupResults: 50,
  notes: 1_000,
  /** Links of a chain of which every step is said, and sessions of one explanation. */
  chainSteps: 5,
  explainedSessions: 500,
  /** Routes of the answer about one object of the cluster, and names that a 404 suggests. */
  objectRoutes: 1_000,
  /** Objects shown as evidence of a row of `/l2`. */
  l2Objects: 20,
  suggestions: 5,
  /** Problems of each source and gaps in `/status`, and characters of each text there. */
  statusRows: 100,
  statusText: 1_000,
  /** Addresses that `/lookup` names of one Service. */
  lookupAddresses: 3,
  /** Octets of the rules of `/expectations/overlay`. */
  overlayBytes: 1024 * 1024,
  /** Octets of the objects of `/simulate`; rows of its answer, and routes that are compared for it. */
  simulatedBytes: 16 * 1024 * 1024,
  simulatedRows: 1_000,
  simulatedRoutes: 2_000_000,
  /** Objects that one simulation may delete. */
  simulatedDeletions: 10_000,
  /** Simulations that wait for one another; ms and MiB that one may take; objects that go to its thread at a time. */
  simulations: 8,
  simulationTime: 60_000,
  simulationHeap: 1_024,
  simulationChunk: 16,
  /** Remembered answers of a filter, per attribute set and per NLRI. */
  filterCache: 8_192,
  /** Requests of one address in a minute. */
  requestsPerMinute: 6_000,
  bodyBytes: 64 * 1024,
  /** Octets of larger bodies that are held at a time, in sum. */
  heldBodies: 64 * 1024 * 1024,
  /** Characters of one part of a path; names of Kubernetes objects have up to 253. */
  paramLength: 253,
  /** ms that a request may take to arrive, its headers, and the next request on a connection; ms between two looks. */
  requestTimeout: 30_000,
  headersTimeout: 10_000,
  keepAlive: 65_000,
  connectionsCheck: 2_000,
  /** Requests that may wait for their answers on one connection. */
  pipelined: 16,
  /** ms that `/checks/run` may wait, and between two looks. */
  checkWait: 600_000,
  checkPoll: 250,
  /** Live clients, subscriptions of each, and subscriptions of all of them. */
  streamClients: 1_000,
  subscriptions: 64,
  allSubscriptions: 4_096,
  /** Remembered answers of the filter of a subscription, per attribute set and per NLRI. */
  streamFilterCache: 256,
  /** Octets of a message from a live client; octets and messages in a burst, and per second in the long run. */
  messageBytes: 16 * 1024,
  receivedBytes: { size: 1024 * 1024, perSecond: 64 * 1024 },
  receivedMessages: { size: 200, perSecond: 50 },
  /** Invalid messages in a burst, and per second in the long run. */
  invalidMessages: { size: 10, perSecond: 0.2 },
  /** Octets that may wait in the socket of a live client before messages wait in its outbox. */
  socketBytes: 128 * 1024,
  /** Messages of one frame on the socket, and octets above which no more are added. */
  batchMessages: 500,
  batchBytes: 256 * 1024,
  /** Octets of the texts of one frame of the feed that are kept for several groups of clients. */
  frameBytes: 4 * 1024 * 1024,
  /** Octets in an outbox above which messages are coalesced; when more than half is left then, they are dropped. */
  outboxBytes: 4 * 1024 * 1024,
  /** Octets in all outboxes and sockets, shared ones counted once, above which the fullest outboxes are emptied. */
  allOutboxBytes: 64 * 1024 * 1024,
  /** Octets in an outbox above which the feed waits for its client, and ms that it waits at most. */
  lagBytes: 512 * 1024,
  lagTime: 250,
  /** ms between two looks whether clients still lag. */
  lagPoll: 5,
  /** Changes published lately that are kept for clients that catch up. */
  recentChanges: 1_000,
  /** Snapshots and replays at a time; the others wait. */
  catchUps: 8,
  /** ms for which a running snapshot keeps another one of the same filter waiting. */
  shareTime: 1_000,
  /** ms that a snapshot or replay waits for its slowest clients, and for all of them while others wait to begin. */
  catchUpLag: 1_000,
  catchUpTime: 10_000,
  /** ms between two looks whether a snapshot is durable. */
  durablePoll: 20,
  /** Changes read from the database at a time. */
  replayChanges: 500,
  /** Stored messages read at a time for `includeRaw`, and octets of them for one frame. */
  rawMessages: 100,
  rawBytes: 4 * 1024 * 1024,
  /** ms between heartbeats; a WebSocket that answered none of two pings is dead. */
  heartbeat: 15_000,
  /** ms without progress on the socket of a client, live or of a list, for which something waits, until it is closed. */
  stall: 20_000,
  /** ms in which a client that is being closed may still take what was sent to it. */
  closeGrace: 2_000,
  /** ms between looks at both. */
  streamTick: 1_000,
  /** ms for which `coalesce: prefix` gathers. */
  coalesce: 250,
} as const;
