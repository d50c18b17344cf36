import { Module } from '@nestjs/common';
import { StorageModule } from '../storage/index.js';
import { IngestServer } from './ingest-server.js';
import { KafkaIngest } from './kafka/kafka-ingest.js';

@Module({ imports: [StorageModule], providers: [IngestServer, KafkaIngest], exports: [IngestServer, KafkaIngest] })
export class IngestModule {}
