/** The OpenAPI document: made from the schemas of the resources, with every status and content type that they answer with. */
import swagger from '@fastify/swagger';
import { jsonSchemaTransform, jsonSchemaTransformObject } from '@fastify/type-provider-zod';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { ApiDeps } from './deps.ts';
import { problemType } from './errors.ts';
import { mediaTypes } from './query.ts';
import { Problem } from './schemas.ts';

/** The part of the document that is changed here. */
interface Operation {
  parameters?: { name: string }[];
  responses: Record<string, { description: string; content?: Record<string, { schema: object }> }>;
}

/** Documents the routes that are registered afterwards. */
export async function describeApi(app: FastifyInstance, { status, http }: ApiDeps): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Peerglass', version: status().version, description },
      components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } } },
      ...(http.tokens.length > 0 && { security: [{ bearer: [] }] }),
    },
    transform: jsonSchemaTransform,
    transformObject: (document) => {
      const described = jsonSchemaTransformObject(document);
      for (const operations of Object.values(described.paths ?? {}))
        for (const operation of Object.values(operations as Record<string, Operation>)) declareTypes(operation);
      return described;
    },
  });
  app.addHook('onRoute', ({ schema }) => {
    if (!schema || schema.hide) return;
    const problems = {
      '4xx': Problem,
      500: Problem,
      503: Problem,
      ...(takesTime(schema.querystring) && { 501: Problem }),
    };
    schema.response = { ...problems, ...(schema.response as object | undefined) };
  });
}

/** Problems have a type of their own; lists come in several, or not at all when the client knows the ETag. */
function declareTypes({ parameters = [], responses }: Operation): void {
  for (const response of Object.values(responses)) {
    const [media] = Object.values(response.content ?? {});
    if (JSON.stringify(media?.schema) === '{"$ref":"#/components/schemas/Problem"}')
      response.content = { [problemType]: media! };
  }
  if (!parameters.some(({ name }) => name === 'format')) return;
  const text = { schema: { type: 'string' } };
  Object.assign(responses['200']!.content!, { [mediaTypes.ndjson]: text, [mediaTypes.csv]: text });
  responses['304'] = { description: 'The rows are those of the ETag in If-None-Match' };
}

/** Whether a query has `at`, which no resource supports yet. */
const takesTime = (querystring: unknown): boolean => querystring instanceof z.ZodObject && 'at' in querystring.shape;

const description = `What MetalLB's speakers announce, what they should announce, and whether the two agree.

Lists take \`limit\`, \`cursor\`, \`fields\` and \`format=json|ndjson|csv\`. Errors are RFC 9457 problems with a stable \`code\`.
The live feed is a WebSocket at \`/api/v1/stream\`, and the same as server-sent events. Send
\`{"type":"subscribe","id":"a","filter":{},"snapshot":true}\`; the filter has the keys of \`/routes\`. A message is one JSON
object, or an array of them. To resume, send the last \`epoch\` and, as \`resumeFrom\`, the last \`seq\`. Where a token is needed and no header can be sent, offer the subprotocols
\`peerglass.v1\` and \`bearer.\` followed by the token in base64url.`;
