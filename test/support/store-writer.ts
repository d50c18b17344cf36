import 'reflect-metadata';
import { Database, EndpointStore, LookStore, newRunId, OutboxStore, RunStore } from '../../src/storage/index.js';
import { VerdictRecorder } from '../../src/verdicts/verdict-recorder.js';
import { sampleEndpoint } from './sample-endpoint.js';
import { sampleRun, sampleVerdict, sampleWindow } from './sample-run.js';

// Starts and ends runs in the store named by its argument until it is killed; prints the id of each run that is committed.
const database = await Database.open({ databaseUrl: null, directory: process.argv[2] ?? '' });
const [runs, looks] = [new RunStore(database), new LookStore(database)];
const recorder = new VerdictRecorder(database, runs, looks, new OutboxStore(database, { publicUrl: 'https://assay.example' }));
const endpoints = new EndpointStore(database);
if ((await endpoints.list()).length === 0) await endpoints.create(sampleEndpoint());
process.stdout.write('ready\n');

const promote = sampleVerdict({ decision: 'promote', final: true, code: 'all-safe' });
for (;;) {
  const id = newRunId(new Date());
  const { run } = await runs.create(sampleRun({ id }), { idempotencyKey: id, requestHash: 'h', openKey: id });
  const at = new Date();
  const first = await recorder.record(run, { at, window: sampleWindow(0), verdict: sampleVerdict() });
  if (first) await recorder.record(first, { at, window: sampleWindow(1), verdict: promote });
  process.stdout.write(`${id}\n`);
}
