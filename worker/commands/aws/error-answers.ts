import { randomUUID } from 'node:crypto'
import type { AwsAnswer } from './request'

const XML_ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
}

export function escapeXml(text: string): string {
  return text.replace(/[&<>"']/g, (mark) => XML_ENTITIES[mark] ?? mark)
}

/** @param type with its namespace, for example `com.amazonaws.sqs#QueueDoesNotExist` */
export function sqsError(status: number, type: string, message: string): AwsAnswer {
  return {
    status,
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amzn-requestid': randomUUID(),
    },
    body: JSON.stringify({ __type: type, message }),
  }
}

export function s3Error(status: number, code: string, message: string): AwsAnswer {
  const requestId = randomUUID().replaceAll('-', '').slice(0, 16).toUpperCase()
  return {
    status,
    headers: { 'content-type': 'application/xml', 'x-amz-request-id': requestId },
    body:
      '<?xml version="1.0" encoding="UTF-8"?>\n' +
      `<Error><Code>${code}</Code><Message>${escapeXml(message)}</Message>` +
      `<RequestId>${requestId}</RequestId></Error>`,
  }
}

export function stsError(status: number, code: string, message: string): AwsAnswer {
  const requestId = randomUUID()
  const type = status < 500 ? 'Sender' : 'Receiver'
  return {
    status,
    headers: { 'content-type': 'text/xml', 'x-amzn-requestid': requestId },
    body:
      '<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">' +
      `<Error><Type>${type}</Type><Code>${code}</Code><Message>${escapeXml(message)}</Message>` +
      `</Error><RequestId>${requestId}</RequestId></ErrorResponse>`,
  }
}
