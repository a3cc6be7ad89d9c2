import { execFile, spawn } from 'node:child_process'
import { readdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type LocalAws, type LocalAwsOptions, startAws } from '../../worker/commands/aws/server'
import { kpis, kpisCommand, newFolder, report } from './kpis/command'
import { makeEvents } from './kpis/events'
import { makeLines, writeFile, writeFiles } from './kpis/lines'

const run = promisify(execFile)
const { lines } = makeLines(makeEvents(5), 5)
const folder = newFolder()
beforeAll(() => writeFiles(folder, lines, 5))

const withoutRead = ({ kpis }: { kpis: object }) => kpis

describe('a folder', () => {
  it('of the local stand-in can be read as it is', async () => {
    const dataDir = newFolder()
    const aws = await startAws({ port: 0, dataDir })
    await aws.createBucket('lake')
    for (const name of filesOf(folder)) await put(aws, name)
    await aws.stop()
    const kept = await report([join(dataDir, 's3')])
    expect(withoutRead(kept)).toEqual(withoutRead(await report([folder])))
    expect(kept.read.files).toBe(13)
  })

  it('may have a name that is a pattern, and a link in it', async () => {
    const odd = join(newFolder(), 'a [1-2] *? it’s')
    writeFile(odd, 'x.txt', lines.join('\n'))
    symlinkSync(join(odd, 'x.txt'), join(odd, 'y.txt'))
    expect(withoutRead(await report([odd]))).toEqual(withoutRead(await report([folder])))
  })

  it('is read without the files that are damaged, and they are named', async () => {
    const damaged = newFolder()
    writeFile(damaged, 'good.txt', lines.join('\n'))
    writeFile(damaged, 'no-gzip.txt', 'nothing that was compressed')
    renameSync(join(damaged, 'no-gzip.txt'), join(damaged, 'bad.txt.gz'))
    writeFile(damaged, 'empty.txt', '')
    const answer = await kpis([damaged, '--format', 'json'])
    expect(answer.code).toBe(0)
    expect(answer.err).toContain('bad.txt.gz cannot be read.')
    expect(answer.err).toContain('1 unreadable file')
    expect(withoutRead(JSON.parse(answer.out))).toEqual(withoutRead(await report([folder])))
  })
})

const filesOf = (from: string): string[] =>
  readdirSync(from, { recursive: true, encoding: 'utf8' }).filter((name) => /\.txt/.test(name))

const put = async (aws: LocalAws, name: string): Promise<void> => {
  const body = readFileSync(join(folder, name))
  const answer = await fetch(`${aws.url}/lake/events/${name}`, { method: 'PUT', body })
  expect(answer.status).toBe(200)
}

describe('a bucket', () => {
  const cleanups: (() => unknown)[] = []
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
  })

  const lake = async (before?: LocalAwsOptions['before']): Promise<LocalAws> => {
    const aws = await startAws({ port: 0, ...(before ? { before } : {}) })
    cleanups.push(aws.stop)
    await aws.createBucket('lake')
    for (const name of filesOf(folder)) await put(aws, name)
    return aws
  }

  it('is read page by page, also when an answer fails', async () => {
    const failing = new Set(['list', 'object'])
    let pages = 0
    const aws = await lake((request, pass) => {
      if (request.method !== 'GET') return undefined
      const kind = request.url.includes('list-type') ? 'list' : 'object'
      if (failing.delete(kind)) return { status: 503, headers: {}, body: '' }
      if (kind === 'object' && failing.delete('cut')) return { cut: 'before' }
      if (kind === 'object') return undefined
      pages += 1
      return pass({ ...request, url: `${request.url}&max-keys=5` })
    })
    failing.add('cut')
    const env = { AWS_ENDPOINT_URL: aws.url }
    const read = await report(['s3://lake/events'], env)
    expect(withoutRead(read)).toEqual(withoutRead(await report([folder])))
    expect(read.read.files).toBe(13)
    expect(pages).toBe(3)
  })

  it('signs with the credentials of the environment', async () => {
    const seen = new Set<string>()
    const aws = await lake((request) => {
      if (request.method !== 'GET') return undefined
      seen.add(
        /Credential=(\w+)\/\d+\/([\w-]+)\/s3/
          .exec(request.headers.authorization ?? '')
          ?.slice(1)
          .join(' ') ?? ''
      )
      seen.add(request.headers['x-amz-security-token'] ?? '')
      return undefined
    })
    await report(['s3://lake/events/'], {
      AWS_ENDPOINT_URL: aws.url,
      AWS_ACCESS_KEY_ID: 'AKIDTEST',
      AWS_SECRET_ACCESS_KEY: 'secret',
      AWS_SESSION_TOKEN: 'token',
      AWS_REGION: 'eu-central-1',
    })
    expect([...seen]).toEqual(['AKIDTEST eu-central-1', 'token'])
  })

  it.each([
    ['s3://lake/event', 's3://lake/event has no files that weir writes'],
    ['s3://nowhere/', 'There is no bucket nowhere.'],
    ['s3:///events', 'names no bucket'],
  ])('is missed with a reason: %s', async (source, message) => {
    const aws = await lake()
    const answer = await kpis([source], { AWS_ENDPOINT_URL: aws.url })
    expect(answer.err).toContain(message)
    expect(answer.code).toBe(1)
  })

  it('of AWS needs credentials', async () => {
    const none = { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '', AWS_ENDPOINT_URL: '' }
    const answer = await kpis(['s3://lake'], none)
    expect(answer).toMatchObject({ code: 1, err: expect.stringContaining('AWS_ACCESS_KEY_ID') })
  })
})

describe('the formats', () => {
  it('tell the same numbers in a table and as CSV', async () => {
    const { kpis: all } = await report([folder])
    const { out: csv } = await kpis([folder, '--format', 'csv'])
    const { out: table } = await kpis([folder, '--from', '2025-02-18'])
    const csvRows = csv.trim().split('\n')
    expect(csvRows[0]).toBe('kpi,day,key,measure,value')
    for (const { day, count } of all['/kpis/dau/count'].rows) {
      expect(csvRows).toContain(`/kpis/dau/count,${day},,count,${count}`)
      expect(table).toMatch(new RegExp(`^${day} +\\d+ +${count}$`, 'm'))
    }
    const last = all['/kpis/week-k-retention/count'].rows.at(-1)
    expect(csvRows).toContain(`/kpis/week-k-retention/count,${last.day},,week_1,`)
  })

  it('write names as text that no spreadsheet runs', async () => {
    const own = newFolder()
    const record = {
      event_type: 'Play',
      timestamp: Date.UTC(2025, 0, 1),
      metrics: { '=1+1,"2"': 3 },
    }
    writeFile(own, 'a.txt', JSON.stringify(record))
    const { out } = await kpis([own, '--format', 'csv'])
    expect(out).toContain(`/events/Play/count,2025-01-01,"'=1+1,""2""",sum,3\n`)
  })

  it('go by the name of the output', async () => {
    const output = join(newFolder(), 'report.csv')
    const answer = await kpis([folder, '--output', output])
    expect(answer).toMatchObject({ code: 0, out: '' })
    expect(readFileSync(output, 'utf8')).toMatch(/^kpi,day,key,measure,value\n/)
  })

  it('report the days asked for, with what happened before them', async () => {
    const { kpis: all } = await report([folder])
    const {
      kpis: some,
      first_day,
      last_day,
    } = await report([folder, '--from', '2025-03-10', '--to', '2025-03-12'])
    expect([first_day, last_day]).toEqual(['2025-03-10', '2025-03-12'])
    for (const path of [
      '/kpis/mau/count',
      '/kpis/new-users/count',
      '/kpis/day-k-retention/count',
    ]) {
      expect(some[path].rows).toEqual(
        all[path].rows.filter(
          ({ day }: { day: string }) => day >= '2025-03-10' && day <= '2025-03-12'
        )
      )
      expect(some[path].rows).toHaveLength(3)
    }
  })
})

describe('the command', () => {
  const empty = newFolder()
  const eventless = newFolder()
  const folders: Record<string, string> = { FOLDER: folder, EMPTY: empty, EVENTLESS: eventless }
  beforeAll(() => writeFileSync(join(eventless, 'a.txt'), '{}\nnonsense\n'))

  it.each([
    [[], 2, 'SOURCE is missing'],
    [['a', 'b'], 2, 'Only one SOURCE'],
    [['FOLDER', '--colour'], 2, '--colour'],
    [['FOLDER', '--format', 'pdf'], 2, '--format must be one of table, csv, json, html, not pdf.'],
    [['FOLDER', '--from', '2025-02-30'], 2, '--from must be a date'],
    [['FOLDER', '--from', '2025-03-02', '--to', '2025-03-01'], 2, '--from is after --to'],
    [['FOLDER', '--memory', 'much'], 2, '--memory must be a size'],
    [['FOLDER', '--time-zone', "Mars/O'lympus"], 2, "There is no time zone Mars/O'lympus."],
    [['/nowhere/at/all'], 1, 'There is no folder /nowhere/at/all'],
    [['EMPTY'], 1, 'has no files that weir writes'],
    [['EVENTLESS'], 1, 'has no events. Found lines without events: 1, malformed lines: 1.'],
    [['FOLDER', '--from', '2031-01-01'], 1, 'but none from 2031-01-01'],
    [['FOLDER', '--output', '/nowhere/at/all.csv'], 1, '/nowhere/at/all.csv'],
    [['FOLDER', '--temp', '/nowhere/at/all'], 1, '/nowhere/at/all cannot be written to.'],
  ])('refuses %j with a reason', async (args, code, message) => {
    const answer = await kpis(args.map((one) => folders[one] ?? one))
    expect(answer.err).toContain(message)
    expect(answer.err).not.toContain('    at ')
    expect(answer.code).toBe(code)
  })

  it('explains itself', async () => {
    const { code, out } = await kpis(['--help'])
    expect(code).toBe(0)
    for (const option of ['--time-zone', '--event', 's3://', 'AWS_ENDPOINT_URL']) {
      expect(out).toContain(option)
    }
  })

  it('tells all of what is wrong, also to a slow reader', async () => {
    // More than a pipe holds.
    const name = 'nowhere'.repeat(15_000)
    const piped = '"$@" 2>&1 >/dev/null | (sleep 1; cat)'
    const { stdout } = await run('sh', ['-c', piped, 'sh', ...kpisCommand, name])
    expect(stdout).toBe(`There is no folder ${name}, or it cannot be read.\n`)
  })

  it.each([
    ['its end', undefined, 0],
    ['Ctrl-C', 'SIGINT', 130],
  ] as const)('leaves nothing behind after %s', async (_name, signal, code) => {
    const temp = newFolder()
    const [node, ...args] = kpisCommand
    const child = spawn(node, [...args, folder, '--temp', temp])
    child.stdout.resume()
    const closed = new Promise((done) => child.on('close', done))
    if (signal) {
      await expect.poll(() => readdirSync(temp), { interval: 1, timeout: 20_000 }).toHaveLength(1)
      child.kill(signal)
    }
    expect(await closed).toBe(code)
    expect(readdirSync(temp)).toEqual([])
  })
})
