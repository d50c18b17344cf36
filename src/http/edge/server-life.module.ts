import { Module } from '@nestjs/common';
import { ServerLife } from './server-life.js';

/** For whatever answers slowly: it has to end when the server stops. */
@Module({ providers: [ServerLife], exports: [ServerLife] })
export class ServerLifeModule {}
