import type { Told } from '../admin-api'

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`

/** What to do once a deployment runs. */
export const nextSteps = (url: string, told: Told | undefined): string => {
  const inputs = told?.workspace.inputs ?? []
  const web = inputs.find(({ platform, enabled }) => platform === 'web' && enabled)
  const key = web?.key ?? 'YOUR-INPUT-KEY'
  const { outputs = [], connections = [] } = told?.workspace ?? {}
  const has =
    told && inputs.length > 0
      ? `version ${told.version}: ${counted(inputs.length, 'input')}, ${counted(outputs.length, 'output')}, ${counted(connections.length, 'connection')}`
      : undefined
  return `
weir is at ${url}
${has ? `Its workspace is ${has}.` : told ? 'Its workspace is empty.' : 'Its workspace was not looked at.'}

Next:
  Console: ${url}/console
  export WEIR_URL=${url} WEIR_ADMIN_TOKEN=…
  npm run config -- ${has ? 'pull workspace.json' : 'push workspace.json   # a file as in README, Configure'}

On a page:
  <script async src="${url}/weir.js" data-key="${key}"></script>
`
}
