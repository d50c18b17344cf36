import type { Migration } from 'kysely/migration';
import { runsAndDeliveries } from './0001-runs-and-deliveries.js';
import { baselineHistory } from './0002-baseline-history.js';
import { foreignDocuments } from './0003-foreign-documents.js';
import { kafkaProgress } from './0004-kafka-progress.js';
import { endpointRouting } from './0006-endpoint-routing.js';
import { retentionIndexes } from './0008-retention-indexes.js';

/** Every change of the tables, in order. A released one never changes; a new one only adds, so that the version before still works. */
export const migrations: Record<string, Migration> = {
  '0001-runs-and-deliveries': runsAndDeliveries,
  '0002-baseline-history': baselineHistory,
  '0003-foreign-documents': foreignDocuments,
  '0004-kafka-progress': kafkaProgress,
  '0006-endpoint-routing': endpointRouting,
  '0008-retention-indexes': retentionIndexes,
};
