// Makes an empty embedded store: node --liftoff-only deploy/init-store.mjs DIRECTORY. Needs the built server.
import 'reflect-metadata';
import { rmSync } from 'node:fs';
import { Database } from '../dist/storage/index.js';

const [directory] = process.argv.slice(2);
if (!directory) throw new Error('usage: init-store.mjs DIRECTORY');
const database = await Database.open({ databaseUrl: null, directory });
await database.close();
rmSync(`${directory}.lock`, { force: true });
