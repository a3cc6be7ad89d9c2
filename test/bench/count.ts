/** What one class of objects did, by call or by kind of statement. */
export interface Count {
  requests: Record<string, number>
  rowsWritten: Record<string, number>
  rowsRead: Record<string, number>
}
