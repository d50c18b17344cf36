/** Ends every run with one line that any CI can read, after everything that jest itself says: `N passed, N failed, N skipped`. */
export default class PlainSummaryReporter {
  onRunComplete(_contexts, results) {
    const broken = results.testResults.filter((file) => file.testExecError).length;
    const skipped = results.numPendingTests + results.numTodoTests;
    const line = `\n${results.numPassedTests} passed, ${results.numFailedTests + broken} failed, ${skipped} skipped\n`;
    process.once('exit', () => process.stdout.write(line));
  }
}
