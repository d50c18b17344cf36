// One of the threads of tools/calibrate.mjs: takes a task, answers with the courses of its runs.
import { parentPort } from 'node:worker_threads';
import './read-typescript.mjs';

const { runCell } = await import('../test/calibration/run-cell.ts');
const { scenarios } = await import('../test/calibration/scenarios/index.ts');

parentPort.on('message', (task) => {
  const scenario = scenarios.find(({ name }) => name === task.scenario);
  const cell = scenario.cells.find(({ name }) => name === task.cell);
  parentPort.postMessage(runCell(scenario, cell, task));
});
