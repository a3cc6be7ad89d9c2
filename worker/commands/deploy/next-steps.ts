import type { VersionedWorkspace } from '../../admin/answers/workspace'

const counted = (items: unknown[], what: string): string =>
  `${items.length} ${what}${items.length === 1 ? '' : 's'}`

const summaryOf = (stored: VersionedWorkspace | undefined): string => {
  if (!stored) return 'was not read'
  const { inputs, outputs, connections } = stored.workspace
  if (inputs.length === 0) return 'is empty'
  const counts = `${counted(inputs, 'input')}, ${counted(outputs, 'output')}, ${counted(connections, 'connection')}`
  return `is version ${stored.version}: ${counts}`
}

/** What to do once a deployment runs. */
export const nextSteps = (url: string, stored: VersionedWorkspace | undefined): string => {
  const inputs = stored?.workspace.inputs ?? []
  const web = inputs.find(({ platform, enabled }) => platform === 'web' && enabled)
  const command =
    inputs.length > 0
      ? 'pull workspace.json'
      : 'push workspace.json   # a file as in README, Configure'
  return `
weir is at ${url}
Its workspace ${summaryOf(stored)}.

Next:
  Console: ${url}/console
  export WEIR_URL=${url} WEIR_ADMIN_TOKEN=…
  npm run config -- ${command}

On a page:
  <script async src="${url}/weir.js" data-key="${web?.key ?? 'YOUR-INPUT-KEY'}"></script>
`
}
