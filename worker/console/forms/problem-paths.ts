import type { Problem } from '../../base/problem'

/**
 * Problems of an item as the admin API names them (`outputs.3.settings.aws_region`), with paths
 * within the item. Those of other items keep theirs.
 */
export const withinItem = (problems: Problem[], item: { place: string }[]): Problem[] =>
  problems.map((one) => {
    const found = item.find(({ place }) => one.path === place || one.path.startsWith(`${place}.`))
    if (!found) return one
    const path = one.path.slice(found.place.length + 1)
    return { ...one, path, message: one.message.replaceAll(`${found.place}.`, '') }
  })
