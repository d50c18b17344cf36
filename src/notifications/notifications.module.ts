import { Module } from '@nestjs/common';
import { StorageModule } from '../storage/index.js';
import { DeliveryWorker } from './delivery-worker.js';
import { Endpoints } from './endpoints.js';

@Module({ imports: [StorageModule], providers: [DeliveryWorker, Endpoints], exports: [DeliveryWorker, Endpoints] })
export class NotificationsModule {}
