/**
 * Every JSON shape of the API, once: validation and OpenAPI come from the schemas, clients take the types (a page
 * imports them from here, types only). Times are RFC 3339 with microseconds, prefixes RFC 5952 with host bits zero,
 * `null` = not there (for a path attribute: not on the wire).
 */
export * from './schemas/diagnosis.ts';
export * from './schemas/envelope.ts';
export * from './schemas/explain.ts';
export * from './schemas/filter.ts';
export * from './schemas/l2.ts';
export * from './schemas/neighbor.ts';
export * from './schemas/object.ts';
export * from './schemas/overlay.ts';
export * from './schemas/route.ts';
export * from './schemas/simulation.ts';
export * from './schemas/status.ts';
export * from './schemas/stream.ts';
export * from './schemas/timeline.ts';
export * from './schemas/verdict.ts';
export * from './schemas/views.ts';
