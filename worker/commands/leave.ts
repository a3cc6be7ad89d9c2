/**
 * Ends the process once its output has been read. A pipe takes 64 KB at a time, and `process.exit`
 * alone drops what does not fit.
 */
export const leave = async (exitCode: number): Promise<never> => {
  const written = [process.stdout, process.stderr].map(
    (stream) =>
      new Promise<void>((done) => {
        // The reader has closed the pipe.
        stream.once('error', () => done())
        stream.write('', () => done())
      })
  )
  await Promise.all(written)
  process.exit(exitCode)
}
