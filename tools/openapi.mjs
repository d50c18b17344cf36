// Writes the OpenAPI document of the built server (dist) to docs/openapi.json, or to standard output with --stdout.
// Only the build has all of it: the compiler's plugin turns the comments of DTOs into descriptions.
import { writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const built = (path) => import(join(root, 'dist', path));
const { AppModule } = await built('app.module.js');
const { loadSettings } = await built('config/index.js');
const { openApiDocument } = await built('http/openapi.js');
const { createLog } = await built('telemetry/index.js');

// In preview nothing is constructed: no store is opened and no port is taken.
const module = AppModule.with(loadSettings({}), createLog('silent', []));
const app = await NestFactory.create(module, new FastifyAdapter(), { preview: true, logger: false, abortOnError: false });
const text = `${JSON.stringify(openApiDocument(app), null, 2)}\n`;
if (process.argv.includes('--stdout')) process.stdout.write(text);
else writeFileSync(join(root, 'docs/openapi.json'), text);
