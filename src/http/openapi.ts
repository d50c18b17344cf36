import { type INestApplication } from '@nestjs/common';
import { DocumentBuilder, getSchemaPath, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { type FastifyInstance } from 'fastify';
import { version } from '../config/index.js';
import { ProblemDto } from './edge/problem.dto.js';

/** The API as a document, made from controllers and DTOs. Complete only when built: the compiler's plugin adds the comments. */
export function openApiDocument(app: INestApplication): OpenAPIObject {
  const about = new DocumentBuilder()
    .setTitle('Assay')
    .setDescription('Tells deploy tools whether a release may go on: promote, hold or rollback. Errors are problem+json.')
    .setVersion(version)
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'assay_…; not needed on loopback without a tokens file' })
    .addSecurityRequirements('bearer')
    .build();
  const document = SwaggerModule.createDocument(app, about, {
    extraModels: [ProblemDto],
    operationIdFactory: (controller, method) => `${controller.replace(/Controller$/, '')}_${method}`,
  });
  return completed(document);
}

/** What the scan of controllers cannot know: errors are problems everywhere, and bodies have no fields but their own. */
function completed(document: OpenAPIObject): OpenAPIObject {
  const problem = {
    description: 'what went wrong',
    content: { 'application/problem+json': { schema: { $ref: getSchemaPath(ProblemDto) } } },
  };
  const schemas = document.components?.schemas ?? {};
  for (const operation of Object.values(document.paths).flatMap((path) => [path.get, path.post, path.delete])) {
    if (!operation) continue;
    operation.responses['default'] = problem;
    const body =
      operation.requestBody && 'content' in operation.requestBody ? operation.requestBody.content['application/json']?.schema : null;
    const schema = body && '$ref' in body ? schemas[body.$ref.slice(body.$ref.lastIndexOf('/') + 1)] : null;
    if (schema && !('$ref' in schema)) schema.additionalProperties = false;
  }
  return document;
}

/** `/docs` for people and `/openapi.json` for programs. The document is made when it is first asked for. */
export function serveDocs(app: INestApplication, publicUrl: string): void {
  SwaggerModule.setup('docs', app, () => openApiDocument(app), {
    jsonDocumentUrl: 'openapi.json',
    yamlDocumentUrl: 'openapi.yaml',
    customSiteTitle: 'Assay API',
    swaggerOptions: { url: `${publicUrl}/openapi.json`, displayRequestDuration: true },
  });
  const fastify = app.getHttpAdapter().getInstance() as unknown as FastifyInstance;
  fastify.addHook('onSend', async (request, reply) => {
    // The page of Swagger UI has its styles inline; scripts still come from here only.
    if (request.url.startsWith('/docs')) {
      const policy =
        "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; frame-ancestors 'none'";
      reply.header('content-security-policy', policy);
    }
  });
}
