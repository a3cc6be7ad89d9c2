import { DurableObject } from 'cloudflare:workers'
import { Hono } from 'hono'

/** The least that a worker can do that stores an upload: one call, one row. */
export class Row extends DurableObject<object> {
  constructor(ctx: DurableObjectState, env: object) {
    super(ctx, env)
    ctx.storage.sql.exec('CREATE TABLE IF NOT EXISTS uploads (id INTEGER PRIMARY KEY, body TEXT)')
  }

  store(body: string): void {
    this.ctx.storage.sql.exec('INSERT INTO uploads (body) VALUES (?)', body)
  }
}

const app = new Hono<{ Bindings: { ROW: DurableObjectNamespace<Row> } }>()

app.post('/webevents/v3/JS/:key/events', async (context) => {
  const text = await context.req.text()
  const { mpid } = JSON.parse(text)
  await context.env.ROW.getByName(mpid).store(text)
  return context.body(null, 202)
})

export default app
