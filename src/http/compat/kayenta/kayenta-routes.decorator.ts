import { applyDecorators, Controller, UseFilters } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { TokenAlsoIn } from '../../access/token-places.js';
import { KayentaErrorFilter } from './kayenta-error.filter.js';

/**
 * Routes of Kayenta's API, also under a path that carries the token. They are not in the OpenAPI document: their contract is
 * Kayenta's, and what Assay does with it is in docs/integrations/kayenta.md.
 */
export const KayentaRoutes = (path: string): ClassDecorator =>
  applyDecorators(
    Controller([`kayenta/${path}`, `kayenta/t/:token/${path}`]),
    TokenAlsoIn('basic', 'path'),
    UseFilters(KayentaErrorFilter),
    ApiExcludeController(),
  ) as ClassDecorator;
