import type { LogReport } from '../../src/domain/log/logs.js';

/** Notes what a log reports of trouble; a batch that went well is there to be measured. */
export function noting(reports: LogReport[]): (report: LogReport) => void {
  return (report) => {
    if (report.type !== 'batch_appended') reports.push(report);
  };
}
