import { Module } from '@nestjs/common';
import { StorageModule } from '../storage/index.js';
import { IngestServer } from './ingest-server.js';

@Module({ imports: [StorageModule], providers: [IngestServer], exports: [IngestServer] })
export class IngestModule {}
