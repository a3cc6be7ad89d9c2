import { existsSync } from 'node:fs'
import { appendFile, cp, readFile, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '../..')

/** What the demo page must know of the deployment it is served by. */
export interface DemoSettings {
  aws_url: string
  admin_token: string
}

// The rule for all files lets any page read them; the demo's settings are not for others.
const demoHeaders = `/demo*
  ! Access-Control-Allow-Origin
  Cache-Control: no-store
`

/** Puts the built SDK and the demo page into a new folder. The SDK's own is what gets deployed. */
export const makePublicDir = async (to: string, settings: DemoSettings): Promise<void> => {
  const built = join(root, 'dist/public')
  if (!existsSync(join(built, 'weir.js'))) {
    throw new Error('The SDK is not built. Run npm run build.')
  }
  await rm(to, { recursive: true, force: true })
  await cp(built, to, { recursive: true })
  await cp(join(import.meta.dirname, 'demo'), to, { recursive: true })
  await insertSnippet(to)
  await appendFile(join(to, '_headers'), demoHeaders)
  await writeFile(join(to, 'demo/settings.json'), JSON.stringify(settings))
}

// The SDK's snippet is minified, which no formatter of HTML leaves alone.
const insertSnippet = async (folder: string): Promise<void> => {
  const page = await readFile(join(folder, 'demo.html'), 'utf8')
  const snippet = await readFile(join(folder, 'demo/snippet.txt'), 'utf8')
  const script = `<script>${snippet.trim()}</script>`
  await writeFile(
    join(folder, 'demo.html'),
    page.replace('<!-- snippet -->', () => script)
  )
}
