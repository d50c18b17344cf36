/** Ends every run with one line that any CI can read: `N passed, N failed, N skipped`. */
export default class PlainSummaryReporter {
  onRunComplete(_contexts, results) {
    const broken = results.testResults.filter((file) => file.testExecError).length;
    const skipped = results.numPendingTests + results.numTodoTests;
    process.stdout.write(`\n${results.numPassedTests} passed, ${results.numFailedTests + broken} failed, ${skipped} skipped\n`);
  }
}
