import 'reflect-metadata';
import { Command } from 'commander';
import { addDemoCommand } from './cli/demo/demo.command.js';
import { addEmitCommand } from './cli/emit/emit.command.js';
import { addGateCommand, exitOfUsage } from './cli/gate.command.js';
import { addImportCommand } from './cli/import.command.js';
import { addReplayCommand } from './cli/replay.command.js';
import { addServeCommand } from './cli/serve.command.js';
import { addTemplateCommands } from './cli/template-lint.command.js';
import { addTokenCommands } from './cli/token.command.js';
import { version } from './config/index.js';

/** The command line: `assay --help`. */
const program = new Command('assay')
  .description('Tells whether a release may go on: promote, hold or rollback, with the reason.')
  .version(version)
  .showHelpAfterError('(add --help for what is possible)')
  .exitOverride(exitOfUsage);

addServeCommand(program);
addDemoCommand(program);
addGateCommand(program);
addEmitCommand(program);
addReplayCommand(program);
addImportCommand(program);
addTemplateCommands(program);
addTokenCommands(program);

/** A bug is an error like others to a pipeline. Node's own code would be 1, which reads as rollback. */
const failed = 3;

function giveUp(error: unknown): never {
  process.stderr.write(`assay failed, which is a bug: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exit(failed);
}

process.on('uncaughtException', giveUp);
await program.parseAsync().catch(giveUp);
