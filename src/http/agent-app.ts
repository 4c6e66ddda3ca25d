import type { RequestListener } from 'node:http'

export interface AgentPage {
  contentType: string
  /** Rejects where it cannot be told. */
  text: () => Promise<string>
}

const securityHeaders = {
  'Cache-Control': 'no-store', 'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'", 'X-Content-Type-Options': 'nosniff',
}

/** An agent's own HTTP side, as a value: `/metrics` and `/-/healthy`, which is well as long as the process answers. */
export function createAgentApp(metrics: AgentPage): RequestListener {
  return ({ method, url }, response) => {
    const answer = (status: number, body: string, contentType = 'text/plain; charset=utf-8'): void => {
      response.writeHead(status, { 'Content-Type': contentType, ...securityHeaders })
      response.end(method === 'HEAD' ? undefined : body)
    }
    const path = url?.split('?')[0]
    if (path !== '/metrics' && path !== '/-/healthy') answer(404, 'here are /metrics and /-/healthy\n')
    else if (method !== 'GET' && method !== 'HEAD') answer(405, 'ask with GET or HEAD\n')
    else if (path === '/-/healthy') answer(200, 'healthy\n')
    else metrics.text().then(text => answer(200, text, metrics.contentType), () => answer(500, 'the metrics could not be told\n'))
  }
}
