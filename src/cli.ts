import 'reflect-metadata';
import { Command } from 'commander';
import { addDemoCommand } from './cli/demo/demo.command.js';
import { addGateCommand, exitOfUsage } from './cli/gate.command.js';
import { addReplayCommand } from './cli/replay.command.js';
import { addServeCommand } from './cli/serve.command.js';
import { addTemplateCommands } from './cli/template-lint.command.js';
import { addTokenCommands } from './cli/token.command.js';

/** The command line: `assay --help`. */
const program = new Command('assay')
  .description('Tells whether a release may go on: promote, hold or rollback, with the reason.')
  .showHelpAfterError('(add --help for what is possible)')
  .exitOverride(exitOfUsage);

addServeCommand(program);
addDemoCommand(program);
addGateCommand(program);
addReplayCommand(program);
addTemplateCommands(program);
addTokenCommands(program);

await program.parseAsync();
