import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'

export const root = resolve(import.meta.dirname, '../..')

/** A project in a folder of its own, into which weir is installed as it is packed. */
export const createProject = () => {
  const folder = mkdtempSync(join(tmpdir(), 'weir-packaging-'))
  const weir = join(folder, 'node_modules/weir')
  mkdirSync(weir, { recursive: true })
  const pack = ['pack', '--silent', '--ignore-scripts', '--pack-destination', folder]
  execFileSync('npm', pack, { cwd: root, stdio: 'ignore' })
  const tarball = join(folder, readdirSync(folder).find((name) => name.endsWith('.tgz')) ?? '')
  execFileSync('tar', ['-xzf', tarball, '-C', weir, '--strip-components=1'])
  const path = (name: string) => join(folder, name)
  return {
    folder,
    /** Where the package lies, unpacked. */
    weir,
    tarball,
    path,
    /** Writes a file and tells its path. */
    write: (name: string, text: string) => {
      mkdirSync(dirname(path(name)), { recursive: true })
      writeFileSync(path(name), text)
      return path(name)
    },
    read: (name: string) => readFileSync(path(name), 'utf8'),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

export type Project = ReturnType<typeof createProject>
