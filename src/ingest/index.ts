export { IngestModule } from './ingest.module.js';
export { IngestServer } from './ingest-server.js';
export { KafkaIngest } from './kafka/kafka-ingest.js';
export { type OtlpFileRequest, readOtlpFile, recordOtlpFile } from './otlp-file.js';
export type { Encoding, Signal } from './otlp-reader.js';
export type { Receipt } from './part-recorder.js';
export { type RecorderLimits, WindowRecorder } from './window-recorder.js';
