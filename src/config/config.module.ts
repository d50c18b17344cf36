import { type DynamicModule, Global, Module } from '@nestjs/common';
import { type Settings } from './settings.js';
import { SETTINGS } from './settings-token.js';

/**
 * Makes the settings injectable everywhere: `@Inject(SETTINGS)`.
 *
 * The one global module: settings are data that is known before any module exists, and passing them through every
 * module would hide what a module really depends on.
 */
@Global()
@Module({})
export class ConfigModule {
  static with(settings: Settings): DynamicModule {
    return { module: ConfigModule, providers: [{ provide: SETTINGS, useValue: settings }], exports: [SETTINGS] };
  }
}
