import { Module } from '@nestjs/common';
import { SETTINGS, type Settings } from '../config/index.js';
import { Database } from './database.js';
import { DeliveryStore } from './delivery.store.js';
import { EndpointStore } from './endpoint.store.js';
import { ForeignDocumentStore } from './foreign-document.store.js';
import { HistoryStore } from './history.store.js';
import { LookStore } from './look.store.js';
import { OutboxStore } from './outbox.store.js';
import { ReceivingLifeStore } from './receiving-life.store.js';
import { Retention } from './retention.js';
import { RetentionStore } from './retention.store.js';
import { RunStore } from './run.store.js';
import { StreamStore } from './stream.store.js';
import { WindowStore } from './window.store.js';

const stores = [
  RunStore,
  LookStore,
  HistoryStore,
  WindowStore,
  StreamStore,
  OutboxStore,
  EndpointStore,
  DeliveryStore,
  ForeignDocumentStore,
  ReceivingLifeStore,
  RetentionStore,
  Retention,
];

@Module({
  providers: [
    {
      provide: Database,
      inject: [SETTINGS],
      useFactory: ({ databaseUrl, storeDirectory }: Settings): Promise<Database> =>
        Database.open({ databaseUrl, directory: storeDirectory }),
    },
    ...stores,
  ],
  exports: [Database, ...stores],
})
export class StorageModule {}
