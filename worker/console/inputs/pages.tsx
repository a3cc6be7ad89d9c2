import type { InputStatus } from '../../admin/answers/inputs'
import type { Problem } from '../../base/problem'
import type { Input } from '../../config/input'
import { Badge } from '../components/badge'
import { Done } from '../components/done'
import { Empty } from '../components/notice'
import { Table } from '../components/table'
import { Time } from '../components/time'
import type { ConsoleContext } from '../env'
import { ItemForm } from '../forms/item-form'
import type { Section } from '../forms/section'
import { formMark } from '../forms/was'
import { Page } from '../layout'
import { Snippets } from './snippet'
import { InputStatusPanel } from './status-panel'

const feedsOf = (input: Input): string =>
  [
    input.key === undefined ? '' : input.platform,
    input.mobile_analytics ? 'Mobile Analytics' : '',
    input.firehose ? 'Firehose' : '',
  ]
    .filter((feed) => feed !== '')
    .join(', ')

interface InputListProps {
  context: ConsoleContext
  inputs: Input[]
  /** When each was last sent to, ms, by its id. */
  seen: Map<string, number | null>
}

export const InputList = ({ context, inputs, seen }: InputListProps) => {
  const { session } = context.var
  const path = `${session.root}/inputs`
  const add = (
    <a class="button" href={`${path}/new`}>
      Add an input
    </a>
  )
  return (
    <Page title="Inputs" active="inputs" session={session}>
      <Done context={context} />
      {inputs.length === 0 ? (
        <Empty>
          <p>An input is an app, a site or a server that sends events. There is none yet.</p>
          {add}
        </Empty>
      ) : (
        <>
          <div class="actions">{add}</div>
          <Table
            label="Inputs"
            columns={['Input', 'Name', 'Takes', 'Key', 'Origins', 'Last seen', 'State']}
            rows={inputs.map((input) => [
              <a href={`${path}/${input.id}`}>{input.id}</a>,
              input.name || '–',
              feedsOf(input),
              input.key === undefined ? '–' : <code>{input.key}</code>,
              input.allowed_origins.join(', '),
              <Time ms={seen.get(input.id)} />,
              <Badge state={input.enabled ? 'enabled' : 'disabled'} />,
            ])}
          />
        </>
      )}
    </Page>
  )
}

interface InputFormProps {
  context: ConsoleContext
  item: Record<string, unknown>
  sections: Section[]
  problems: Problem[]
  /** The input as it is stored; left out while it is new. */
  stored?: Input | undefined
  status?: InputStatus
  /** The address of the worker, without a slash at the end. */
  base: string
}

export const InputForm = (props: InputFormProps) => {
  const { context, item, sections, problems, stored, status, base } = props
  const { session } = context.var
  const back = `${session.root}/inputs`
  return (
    <Page title={stored ? `Input ${stored.id}` : 'New input'} active="inputs" session={session}>
      <Done context={context} />
      {stored ? <Snippets input={stored} base={base} /> : null}
      {status ? <InputStatusPanel {...status} /> : null}
      <ItemForm {...{ sections, item, problems }} was={formMark(context, stored)}>
        <button type="submit" class="quiet" name="generate" value="key">
          Put in a new key
        </button>
        {stored ? (
          <a class="button danger" href={`${back}/${stored.id}/delete`}>
            Delete
          </a>
        ) : null}
        <a class="button quiet" href={back}>
          Cancel
        </a>
      </ItemForm>
    </Page>
  )
}
