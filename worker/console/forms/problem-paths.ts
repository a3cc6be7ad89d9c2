import type { Problem } from '../../base/problem'

/**
 * Problems of an item as the admin API names them (`outputs.3.settings.aws_region`), with paths
 * within the item. Those of other items keep theirs.
 */
export const withinItem = (problems: Problem[], item: { place: string }[]): Problem[] =>
  problems.map((problem) => {
    const found = item.find(
      ({ place }) => problem.path === place || problem.path.startsWith(`${place}.`)
    )
    if (!found) return problem
    const path = problem.path.slice(found.place.length + 1)
    return { ...problem, path, message: problem.message.replaceAll(`${found.place}.`, '') }
  })
