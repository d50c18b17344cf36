import 'reflect-metadata';
import type { KafkaSettings } from '../../src/config/index.js';
import { Database, type Kept, StreamStore } from '../../src/storage/index.js';
import { patientPlan, Replica } from './replicas.js';

// Reads the topic until the first records are to be stored, and kills itself right before or right after that.
const { databaseUrl, kafka, when } = JSON.parse(process.env['REPLICA'] ?? '') as {
  readonly databaseUrl: string;
  readonly kafka: KafkaSettings;
  readonly when: 'before storing' | 'after storing';
};

class DeadlyStore extends StreamStore {
  override async keep(...given: Parameters<StreamStore['keep']>): Promise<Kept> {
    const hasRecords = given[1].windows.length > 0;
    if (hasRecords && when === 'before storing') process.kill(process.pid, 'SIGKILL');
    const kept = await super.keep(...given);
    if (hasRecords) process.kill(process.pid, 'SIGKILL');
    return kept;
  }
}

const database = await Database.open({ databaseUrl, directory: '' });
new Replica(database, kafka, patientPlan, new DeadlyStore(database));
