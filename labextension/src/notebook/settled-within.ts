/** Resolves once the work has ended, well or not, or after so many ms, whichever is first. The work goes on. */
export async function settledWithin(work: Promise<unknown>, ms: number): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const patience = new Promise<void>(resolve => (timer = setTimeout(resolve, ms)));
  const end = () => clearTimeout(timer);
  await Promise.race([work.then(end, end), patience]);
}
