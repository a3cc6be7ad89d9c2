import { readWorkspace, saveWorkspace } from '../../../worker/commands/admin-api'
import { freePorts, type Started, start, untilRunning } from '../started'

const token = 'demo-admin-token'

const all = {
  include_user_attribute_change_events: true,
  include_user_identity_change_events: true,
  include_consent_state: true,
  send_alias_requests: true,
}

/** Lets the bucket get all that a page can send, and the SDK send each second. */
const wantAll = async ({ url }: Started): Promise<void> => {
  const api = { url, token }
  const { workspace } = await readWorkspace(api)
  await saveWorkspace(
    api,
    {
      ...workspace,
      inputs: workspace.inputs.map((input) =>
        input.id === 'web' ? { ...input, web_sdk: { upload_interval_ms: 1000 } } : input
      ),
      connections: workspace.connections.map((connection) =>
        connection.id === 'web-lake'
          ? { ...connection, settings: { ...connection.settings, ...all } }
          : connection
      ),
    },
    '?verify=false'
  )
}

/** An `npm start -- --https`, and how to start it again on the same ports and data. */
export const startWeir = async (folder: string) => {
  const env = { ...(await freePorts()), WEIR_DATA: folder }
  const again = async (): Promise<Started> => {
    const started = await start(env, ['--https'])
    await untilRunning(started)
    return started
  }
  const started = await again()
  await wantAll(started)
  return { started, again }
}

export const rejectedCount = async ({ url }: Started): Promise<number> => {
  const headers = { authorization: `Bearer ${token}` }
  const answer = await fetch(`${url}/admin/v1/rejected`, { headers })
  return ((await answer.json()) as { count: number }).count
}
