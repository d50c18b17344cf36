import { Module } from '@nestjs/common';
import { StorageModule } from '../storage/index.js';
import { VerdictRecorder } from './verdict-recorder.js';

@Module({ imports: [StorageModule], providers: [VerdictRecorder], exports: [VerdictRecorder] })
export class VerdictsModule {}
